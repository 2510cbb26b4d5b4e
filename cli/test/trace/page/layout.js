// Where everything stands, from top to bottom: the time axis, faults, clients, and a lane a node.

const GUTTER = 132;
const AXIS = 26;
const FAULT_ROW = 17;
const MOST_FAULT_ROWS = 5;
const MOST_CLIENT_ROWS = 8;
const BAR = 20;
const LOWEST_LANE = 74;

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
  const lane = Math.max(LOWEST_LANE, Math.floor((room - top - 4) / nodes));
  layout.nodesTop = top;
  layout.lane = lane;
  layout.lanes = [];
  for (let node = 0; node < trace.nodes; ++node) {
    const bar = top + node * lane + Math.round((lane - BAR) / 2);
    layout.lanes.push({ top: top + node * lane, bar, barEnd: bar + BAR, height: lane });
  }
  layout.height = top + nodes * lane + 4;
  return layout;
}

function clientRowTop(layout, trace, client) {
  return layout.clients.top + trace.rowOfClient.get(client) * layout.clients.row;
}

// The events of a list that can be seen in [from, to], in order of time.
function* inSight(list, event, from, to) {
  const { ids, reach } = list;
  let at = firstPlace(ids.length, (i) => reach[i] >= from);
  for (; at < ids.length && event.start[ids[at]] <= to; ++at) {
    if (event.end[ids[at]] >= from) yield ids[at];
  }
}
