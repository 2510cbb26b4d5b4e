// Where everything stands, from top to bottom: the time axis, faults, clients, and a lane a node.

const GUTTER = 132;
const AXIS = 26;
const FAULT_ROW = 17;
const MOST_FAULT_ROWS = 5;
const MOST_CLIENT_ROWS = 8;
const BAR = 20;
const LOWEST_LANE = 74;
const ABOVE_BAR = 26;  // notes and commits
const BELOW_BAR = 22;  // the disk and faults

// Gives each fault the first row that is free at its time.
function faultRows(trace) {
  const { event, lists } = trace;
  const free = [];
  const rows = new Map();
  for (const id of lists[FAULT].ids) {
    let row = free.findIndex((end) => end <= event.start[id]);
    if (row < 0) row = free.length < MOST_FAULT_ROWS ? free.length : MOST_FAULT_ROWS - 1;
    free[row] = Math.max(free[row] ?? -Infinity, event.end[id]);
    rows.set(id, row);
  }
  return { rows, count: free.length };
}

function makeLayout(trace, faults, width, room) {
  const layout = { width, axis: { top: 0, height: AXIS } };
  let top = AXIS + 6;
  layout.faults = { top, count: faults.count, row: FAULT_ROW };
  top += faults.count ? faults.count * FAULT_ROW + 8 : 0;
  const clients = trace.clients.length;
  const rowHeight = clients <= MOST_CLIENT_ROWS ? 15 : Math.max(3, (MOST_CLIENT_ROWS * 15) / clients);
  layout.clients = { top, row: rowHeight, count: clients };
  top += clients ? clients * rowHeight + 10 : 0;
  const nodes = Math.max(1, trace.nodes);
  layout.nodesTop = top;
  // The first and the last bar leave no more room than they need: it belongs to the arrows.
  const between = (room - top - ABOVE_BAR - BAR - BELOW_BAR - 4) / Math.max(1, nodes - 1);
  const lane = Math.max(LOWEST_LANE, Math.floor(between));
  layout.lanes = [];
  for (let node = 0; node < trace.nodes; ++node) {
    const bar = top + ABOVE_BAR + node * lane;
    layout.lanes.push({ top: bar - ABOVE_BAR, bar, barEnd: bar + BAR,
      height: ABOVE_BAR + BAR + BELOW_BAR });
  }
  layout.height = top + (nodes - 1) * lane + ABOVE_BAR + BAR + BELOW_BAR + 2;
  return layout;
}

function clientRowTop(layout, trace, client) {
  return layout.clients.top + trace.rowOfClient.get(client) * layout.clients.row;
}

// Calls visit(id) for the events of a list that last into [from, to] and are not switched off, in
// order of time, until it returns false.
function inSight(list, event, from, to, visit) {
  const { ids, reach } = list;
  let at = firstPlace(ids.length, (i) => reach[i] >= from);
  for (; at < ids.length; ++at) {
    const id = ids[at];
    if (event.start[id] > to) return;
    if (event.end[id] < from || filter.state[id] === HIDDEN) continue;
    if (visit(id) === false) return;
  }
}
