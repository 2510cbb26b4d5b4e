// Messages: one arrow each while they can be told apart, and how many there are where they can't.

const MOST_ARROWS = 2600;
const MOST_HEADS = 1400;
const MOST_LABELS = 44;
const COLUMN = 2;  // pixels
const MESSAGE_COLOURS = GROUPS.slice(0, MESSAGE_GROUPS).map(({ colour }) => colour);
const LOST_GROUP = MESSAGE_GROUPS;

// Calls visit(id) for every message that can be seen, and returns how many.
function eachMessage(scene, visit) {
  const { view, trace } = scene;
  const { event, lists } = trace;
  const { ids, reach } = lists[MESSAGE];
  let at = firstPlace(ids.length, (i) => reach[i] >= view.from);
  let count = 0;
  for (; at < ids.length; ++at) {
    const id = ids[at];
    if (event.start[id] > view.to) break;
    if (event.end[id] < view.from || filter.state[id] === HIDDEN) continue;
    ++count;
    if (visit) visit(id);
  }
  return count;
}

// From the edge of the sender's bar to the edge of the receiver's.
function lineOf(scene, id) {
  const { view, layout, trace } = scene;
  const { event } = trace;
  const from = layout.lanes[event.node[id]];
  const to = layout.lanes[event.peer[id]];
  const down = to.top > from.top;
  const line = {
    x0: view.x(event.start[id]),
    y0: down ? from.barEnd : from.bar,
    x1: view.x(event.end[id]),
    y1: down ? to.bar : to.barEnd,
  };
  if (event.lost[id] !== NONE) {
    // It did not get there: a cross, a good half of the way.
    line.x1 = line.x0 + (line.x1 - line.x0) * 0.6;
    line.y1 = line.y0 + (line.y1 - line.y0) * 0.6;
  }
  return line;
}

function arrowHead(path, { x0, y0, x1, y1 }, size) {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const ux = (x1 - x0) / length, uy = (y1 - y0) / length;
  path.moveTo(x1, y1);
  path.lineTo(x1 - size * ux - size * 0.45 * uy, y1 - size * uy + size * 0.45 * ux);
  path.lineTo(x1 - size * ux + size * 0.45 * uy, y1 - size * uy - size * 0.45 * ux);
  path.closePath();
}

function cross(path, x, y, size) {
  path.moveTo(x - size, y - size);
  path.lineTo(x + size, y + size);
  path.moveTo(x + size, y - size);
  path.lineTo(x - size, y + size);
}

// Lines of one look are stroked at once: that is what makes thousands of them cheap.
class Looks {
  constructor() {
    this.looks = new Map();
  }

  of(group, reply, lost, faint) {
    const key = ((group * 2 + (reply ? 1 : 0)) * 2 + (lost ? 1 : 0)) * 2 + (faint ? 1 : 0);
    if (!this.looks.has(key)) {
      this.looks.set(key,
        { group, reply, lost, faint, lines: new Path2D(), heads: new Path2D(), dots: new Path2D() });
    }
    return this.looks.get(key);
  }

  // The quiet ones first, so that the others lie on top.
  sorted() {
    const rank = ({ group, lost, faint }) => (faint ? 0 : 10) + (lost ? 5 : 0) + (group === 1 ? 0 : 1);
    return [...this.looks.values()].sort((a, b) => rank(a) - rank(b));
  }
}

function drawArrows(scene, count) {
  const { g, trace } = scene;
  const { event } = trace;
  const looks = new Looks();
  const heads = count <= MOST_HEADS;
  const labels = [];
  eachMessage(scene, (id) => {
    if (event.node[id] === event.peer[id]) return;
    const lost = event.lost[id] !== NONE;
    const faint = filter.state[id] === FAINT;
    const look = looks.of(event.group[id], isReply(event.kind[id]), lost, faint);
    const line = lineOf(scene, id);
    look.lines.moveTo(line.x0, line.y0);
    look.lines.lineTo(line.x1, line.y1);
    if (lost) cross(look.heads, line.x1, line.y1, heads ? 4 : 2.5);
    else if (event.ended[id] && heads) arrowHead(look.heads, line, 7.5);
    if (!faint) labels.push([id, line]);
    addDot(scene, look, id, line);
  });
  const calm = Math.max(0.25, Math.min(1, 500 / Math.max(1, count)));
  for (const look of looks.sorted()) strokeLook(scene, look, calm);
  g.setLineDash([]);
  g.globalAlpha = 1;
  if (labels.length <= MOST_LABELS) drawLabels(scene, labels);
}

function strokeLook(scene, look, calm) {
  const { g, colour } = scene;
  g.strokeStyle = g.fillStyle = colour(look.lost ? "--lost" : MESSAGE_COLOURS[look.group]);
  // Heartbeats fade before anything else does.
  const heartbeat = look.group === 1;
  g.globalAlpha = look.faint ? 0.1 : look.lost ? 0.9 : heartbeat ? 0.75 * calm * calm : 0.35 + 0.6 * calm;
  g.lineWidth = heartbeat || look.reply ? 1 : 1.4;
  g.setLineDash(look.lost ? [5, 3] : look.reply ? [2, 2.5] : []);
  g.stroke(look.lines);
  g.setLineDash([]);
  if (look.lost) {
    g.lineWidth = 1.8;
    g.stroke(look.heads);
  } else {
    g.fill(look.heads);
  }
  g.globalAlpha = look.faint ? 0.2 : 1;
  g.fill(look.dots);
}

// Where a message is at the time of the thin line.
function addDot(scene, look, id, line) {
  const { event } = scene.trace;
  if (scene.head === null || scene.head < event.start[id] || scene.head > event.end[id]) return;
  const span = event.end[id] - event.start[id] || 1;
  const part = (scene.head - event.start[id]) / span / (look.lost ? 0.6 : 1);
  if (part > 1) return;
  const x = line.x0 + (line.x1 - line.x0) * part;
  const y = line.y0 + (line.y1 - line.y0) * part;
  look.dots.moveTo(x + 4, y);
  look.dots.arc(x, y, 4, 0, 2 * Math.PI);
}

// What a message says, along its line, where there is room.
function drawLabels(scene, labels) {
  const { g, trace, colour } = scene;
  g.font = SMALL;
  g.textAlign = "center";
  g.textBaseline = "alphabetic";
  g.lineWidth = 3;
  g.strokeStyle = colour("--paper");
  for (const [id, line] of labels) {
    const length = Math.hypot(line.x1 - line.x0, line.y1 - line.y0);
    if (length < 90 || line.x1 - line.x0 < 40) continue;
    const said = textOf(trace, trace.event.text[id]);
    const text = shortened(kindOf(trace, id) + (said ? ": " + said : ""), Math.floor(length / 6.4));
    g.save();
    g.translate((line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2);
    g.rotate(Math.atan2(line.y1 - line.y0, line.x1 - line.x0));
    g.strokeText(text, 0, -4);
    g.fillStyle = colour(trace.event.lost[id] !== NONE ? "--lost"
      : MESSAGE_COLOURS[trace.event.group[id]]);
    g.fillText(text, 0, -4);
    g.restore();
  }
  g.textAlign = "left";
  g.textBaseline = "middle";
}

// How many messages cross each gap between two lanes, a column of pixels: one count a group.
function densities(scene) {
  const { view, trace } = scene;
  const { event } = trace;
  const width = Math.ceil(view.width / COLUMN) + 1;
  const gaps = Math.max(1, trace.nodes - 1);
  const counts = Array.from({ length: MESSAGE_GROUPS + 1 }, () => new Uint32Array(width * gaps));
  const scale = view.width / view.span / COLUMN;
  eachMessage(scene, (id) => {
    if (filter.state[id] !== MATCHING) return;
    const middle = (event.start[id] + Math.min(event.end[id], view.to)) / 2;
    const column = Math.floor((Math.max(middle, view.from) - view.from) * scale);
    const a = event.node[id], b = event.peer[id];
    const count = counts[event.lost[id] !== NONE ? LOST_GROUP : event.group[id]];
    const last = Math.max(a, b);
    for (let gap = Math.min(a, b); gap < last; ++gap) ++count[gap * width + column];
  });
  return { counts, width, gaps };
}

function drawDensity(scene) {
  const { g, view, layout, trace, colour } = scene;
  if (trace.nodes < 2) return;
  const { counts, width, gaps } = densities(scene);
  const order = [1, 0, 3, 2, LOST_GROUP];
  for (const group of order) {
    g.fillStyle = colour(group === LOST_GROUP ? "--lost" : MESSAGE_COLOURS[group]);
    const strength = group === 1 ? 0.06 : group === LOST_GROUP ? 0.3 : 0.16;
    for (let gap = 0; gap < gaps; ++gap) {
      const top = layout.lanes[gap].barEnd;
      const height = layout.lanes[gap + 1].bar - top;
      for (let column = 0; column < width; ++column) {
        const n = counts[group][gap * width + column];
        if (n === 0) continue;
        g.globalAlpha = Math.min(0.85, strength * (1 + Math.log2(n)));
        g.fillRect(view.left + column * COLUMN, top, COLUMN, height);
      }
    }
  }
  g.globalAlpha = 1;
}

function drawMessages(scene) {
  const count = eachMessage(scene, null);
  scene.crowded = count > MOST_ARROWS;
  scene.messagesInSight = count;
  if (scene.crowded) drawDensity(scene);
  else drawArrows(scene, count);
}
