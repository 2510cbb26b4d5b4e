// What is under the pointer.

const REACH = 6;  // pixels

function distanceToLine(x, y, { x0, y0, x1, y1 }) {
  const dx = x1 - x0, dy = y1 - y0;
  const along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1);
  const part = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x0 - part * dx, y - y0 - part * dy);
}

// The event of a list whose stretch of time is nearest to x; what is hidden doesn't count.
function nearestInTime(scene, list, x, fits = () => true) {
  const { view, trace } = scene;
  const { event } = trace;
  let best = NONE, bestDistance = REACH;
  const from = view.time(x - REACH), to = view.time(x + REACH);
  inSight(list, event, from, to, (id) => {
    if (!fits(id)) return;
    const x0 = view.x(event.start[id]), x1 = Math.max(x0 + 1, view.x(event.end[id]));
    const distance = x < x0 ? x0 - x : x > x1 ? x - x1 : 0;
    // Of those that it is inside of, the latest: it lies on top.
    if (distance < bestDistance || (distance === 0 && bestDistance === 0)) {
      best = id;
      bestDistance = distance;
    }
  });
  return best;
}

function pickFault(scene, x, y) {
  const { layout, trace } = scene;
  const row = Math.floor((y - layout.faults.top) / FAULT_ROW);
  return nearestInTime(scene, trace.lists[FAULT], x, (id) => scene.faults.rows.get(id) === row);
}

function pickOperation(scene, x, y) {
  const { layout, trace } = scene;
  const client = trace.clients[Math.floor((y - layout.clients.top) / layout.clients.row)];
  return nearestInTime(scene, trace.lists[OPERATION], x, (id) => trace.event.client[id] === client);
}

// In a lane, from top to bottom: notes, commits, the bar, the disk, faults.
function pickInLane(scene, x, y) {
  const { layout, trace } = scene;
  const { event, lists } = trace;
  const node = layout.lanes.findIndex(({ top, height }) => y >= top && y < top + height);
  if (node < 0) return NONE;
  const lane = layout.lanes[node];
  const here = (id) => event.node[id] === node;
  if (y < lane.bar - 12 && y >= lane.bar - 20) return nearestInTime(scene, lists[NOTE], x, here);
  if (y < lane.bar - 1 && y >= lane.bar - 12) return nearestInTime(scene, lists[COMMIT], x, here);
  if (y < lane.bar - 1 || y > lane.barEnd + 14) return NONE;
  if (y <= lane.barEnd) return nearestInTime(scene, trace.rolesOf[node], x);
  if (y <= lane.barEnd + 8) return nearestInTime(scene, lists[DISK], x, here);
  return nearestInTime(scene, lists[FAULT], x, (id) => here(id) || event.peer[id] === node);
}

function pickMessage(scene, x, y) {
  const { view, trace } = scene;
  const { event } = trace;
  let best = NONE, bestDistance = REACH;
  inSight(trace.lists[MESSAGE], event, view.time(x - REACH), view.time(x + REACH), (id) => {
    const faint = filter.state[id] === FAINT ? 3 : 0;
    const distance = distanceToLine(x, y, lineOf(scene, id)) + faint;
    if (distance < bestDistance) {
      best = id;
      bestDistance = distance;
    }
  });
  return best;
}

// The event at a place, or NONE.
function pick(scene, x, y) {
  const { layout, view, trace } = scene;
  if (x < view.left || y < AXIS) return NONE;
  if (trace.failure && Math.abs(x - view.x(trace.failure.time_us)) < 4) return trace.lists[FAILURE].ids[0] ?? NONE;
  if (y < layout.faults.top) return nearestInTime(scene, trace.lists[NOTE], x, (id) => trace.event.node[id] === NONE);
  if (y < layout.clients.top) return pickFault(scene, x, y);
  if (y < layout.nodesTop) return pickOperation(scene, x, y);
  const inLane = pickInLane(scene, x, y);
  return inLane !== NONE || scene.crowded ? inLane : pickMessage(scene, x, y);
}

// Where messages are too many to be drawn: how many of which group are around x.
function crowdAt(scene, x, y) {
  const { view, layout, trace } = scene;
  if (!scene.crowded || y < layout.nodesTop || x < view.left) return null;
  const { event } = trace;
  const counts = new Array(MESSAGE_GROUPS).fill(0);
  let lost = 0;
  const from = view.time(x - 2), to = view.time(x + 2);
  inSight(trace.lists[MESSAGE], event, from, to, (id) => {
    if (filter.state[id] !== MATCHING) return;
    ++counts[event.group[id]];
    if (event.lost[id] !== NONE) ++lost;
  });
  return { counts, lost };
}
