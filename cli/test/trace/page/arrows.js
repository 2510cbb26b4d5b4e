// Messages: one arrow each while they can be told apart, and how many there are where they can't.

const MOST_ARROWS = 2600;
const MOST_HEADS = 1400;
const MOST_LABELS = 44;
const COLUMN = 2;  // pixels
const MESSAGE_COLOURS = GROUPS.slice(0, MESSAGE_GROUPS).map(({ colour }) => colour);
const LOST_GROUP = MESSAGE_GROUPS;

function eachMessage({ view, trace }, visit) {
  inSight(trace.lists[MESSAGE], trace.event, view.from, view.to, visit);
}

// How many can be seen; it need not be known how many too many they are.
function countMessages(scene) {
  let count = 0;
  eachMessage(scene, () => ++count <= MOST_ARROWS);
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

  of(group, reply, lost, faint, held) {
    const key = [reply, lost, faint, held].reduce((sum, is) => sum * 2 + (is ? 1 : 0), group);
    if (!this.looks.has(key)) {
      this.looks.set(key, { group, reply, lost, faint, held, lines: new Path2D(),
        heads: new Path2D(), dots: new Path2D() });
    }
    return this.looks.get(key);
  }

  // The quiet ones first, so that the others lie on top.
  sorted() {
    const rank = ({ group, lost, faint, held }) =>
      (faint || held ? 0 : 10) + (lost ? 5 : 0) + (group === 1 ? 0 : 1);
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
    const line = lineOf(scene, id);
    // Held back for longer than can be seen: its line says little, and there are often many.
    const held = line.x1 - line.x0 > scene.view.width;
    const look = looks.of(event.group[id], isReply(event.kind[id]), lost, faint, held);
    look.lines.moveTo(line.x0, line.y0);
    look.lines.lineTo(line.x1, line.y1);
    if (lost) cross(look.heads, line.x1, line.y1, heads ? 4 : 2.5);
    else if (event.ended[id] && heads) arrowHead(look.heads, line, 7.5);
    if (!faint && !held) labels.push([id, line]);
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
  g.globalAlpha = look.faint ? 0.1 : look.held ? 0.2 * calm : look.lost ? 0.9
    : heartbeat ? 0.75 * calm * calm : 0.35 + 0.6 * calm;
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

// Where on its line a label may stand: just before the receiver, where the arrows of a fan are
// apart, or just after the sender. Between two lanes in both cases: bars would cover it.
function labelPlaces(scene, { x0, y0, x1, y1 }) {
  const { lanes } = scene.layout;
  const gap = lanes.length > 1 ? lanes[1].bar - lanes[0].barEnd : Math.abs(y1 - y0);
  const height = Math.abs(y1 - y0) || 1;
  const part = Math.min(1, gap / height);
  const whole = Math.hypot(x1 - x0, y1 - y0) || 1;
  const length = whole * part;
  return [1 - part / 2, part / 2].map((at) => ({
    x: x0 + (x1 - x0) * at, y: y0 + (y1 - y0) * at, length,
    ux: (x1 - x0) / whole, uy: (y1 - y0) / whole,
  }));
}

// Points along a label, `width` wide; labels whose points come close would cover each other.
function pointsOf({ x, y, ux, uy }, width) {
  const points = [];
  for (let at = -width / 2; at <= width / 2; at += 9) points.push([x + ux * at, y + uy * at]);
  return points;
}

function isFree(taken, points) {
  return points.every(([x, y]) => taken.every(([a, b]) => Math.abs(a - x) + Math.abs(b - y) > 13));
}

// What a message says, along its line, where there is room.
function drawLabels(scene, labels) {
  const { g, trace, colour } = scene;
  const { event } = trace;
  const taken = [];
  g.font = SMALL;
  g.textAlign = "center";
  g.textBaseline = "alphabetic";
  g.lineWidth = 3;
  g.strokeStyle = colour("--paper");
  labels.sort(([a], [b]) => (event.group[a] === 1) - (event.group[b] === 1));
  for (const [id, line] of labels) {
    if (line.x1 - line.x0 < 30) continue;
    const said = textOf(trace, event.text[id]);
    const text = kindOf(trace, id) + (said ? ": " + said : "");
    g.fillStyle = colour(event.lost[id] !== NONE ? "--lost" : MESSAGE_COLOURS[event.group[id]]);
    for (const place of labelPlaces(scene, line)) {
      if (placeLabel(g, text, place, taken)) break;
    }
  }
  g.textAlign = "left";
  g.textBaseline = "middle";
}

function placeLabel(g, text, place, taken) {
  const fitting = shortened(text, Math.floor((place.length - 24) / 5.6));
  if (fitting.length < 7) return false;
  const points = pointsOf(place, g.measureText(fitting).width);
  if (!isFree(taken, points)) return false;
  taken.push(...points);
  g.save();
  g.translate(place.x, place.y);
  g.rotate(Math.atan2(place.uy, place.ux));
  g.strokeText(fitting, 0, -4);
  g.fillText(fitting, 0, -4);
  g.restore();
  return true;
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

// How strongly a group colours a column in which there are so many of so many messages. Losses and
// elections are rare and what one looks for: they show however few they are.
function strengthOf(group, n, all, most) {
  if (n === 0) return 0;
  const full = 0.2 + 0.6 * Math.sqrt(all / most);
  const share = Math.sqrt(n / all);
  if (group === LOST_GROUP) return Math.max(0.16, full * share);
  if (group === 2) return Math.max(0.35, full * share);
  return full * share * (group === 1 ? 0.45 : 0.8);
}

// A picture of a pixel a column and gap, which is stretched over the gaps between the lanes.
function densityPicture(scene, { counts, width, gaps }) {
  const colours = [...MESSAGE_COLOURS, "--lost"].map((name) => channelsOf(scene.colour(name)));
  const totals = new Uint32Array(width * gaps);
  for (const count of counts) count.forEach((n, at) => (totals[at] += n));
  const most = totals.reduce((a, b) => Math.max(a, b), 1);
  const paper = channelsOf(scene.colour("--paper"));
  const picture = new ImageData(width, gaps);
  const order = [1, 0, 3, 2, LOST_GROUP];
  for (let at = 0; at < totals.length; ++at) {
    if (totals[at] === 0) continue;
    const mixed = [...paper];
    for (const group of order) {
      const strength = strengthOf(group, counts[group][at], totals[at], most);
      for (let c = 0; c < 3; ++c) mixed[c] += (colours[group][c] - mixed[c]) * strength;
    }
    picture.data.set([...mixed, 255], at * 4);
  }
  return picture;
}

// "#rrggbb", as the style sheet writes all colours.
function channelsOf(colour) {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
}

function drawDensity(scene) {
  const { g, view, layout, trace } = scene;
  if (trace.nodes < 2) return;
  const density = densities(scene);
  const { width, gaps } = density;
  const small = (scene.small ??= document.createElement("canvas"));
  small.width = width;
  small.height = gaps;
  small.getContext("2d").putImageData(densityPicture(scene, density), 0, 0);
  g.imageSmoothingEnabled = false;
  for (let gap = 0; gap < gaps; ++gap) {
    const top = layout.lanes[gap].barEnd;
    g.drawImage(small, 0, gap, width, 1, view.left, top, width * COLUMN, layout.lanes[gap + 1].bar - top);
  }
}

function drawMessages(scene) {
  const count = countMessages(scene);
  scene.crowded = count > MOST_ARROWS;
  if (scene.crowded) drawDensity(scene);
  else drawArrows(scene, count);
}
