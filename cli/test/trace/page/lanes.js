// Everything that stays in its lane: roles, disks, commits, faults, clients, and the axis.

const FONT = '12px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';
const SMALL = '10.5px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';
const BOLD = '600 12px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';

// The colours of the style sheet, for a canvas.
function readPalette() {
  const style = getComputedStyle(document.documentElement);
  const cache = new Map();
  return (name) => {
    if (!cache.has(name)) cache.set(name, style.getPropertyValue(name).trim());
    return cache.get(name);
  };
}

function stripes(g, colour, gap = 6) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = gap;
  const t = tile.getContext("2d");
  t.strokeStyle = colour;
  t.lineWidth = 1.4;
  t.beginPath();
  for (const shift of [-gap, 0, gap]) {
    t.moveTo(shift - 1, gap + 1);
    t.lineTo(shift + gap + 1, -1);
  }
  t.stroke();
  return g.createPattern(tile, "repeat");
}

// Text that ends before it would leave its box; not at all where there is no room.
function boxedText(g, text, x, y, room) {
  if (room < 8) return;
  const width = g.measureText(text).width;
  if (width > room) {
    const keep = Math.floor((text.length * room) / width) - 1;
    if (keep < 2) return;
    text = text.slice(0, keep) + "…";
  }
  g.fillText(text, x, y);
}

function alphaOf(id, forFaint = 0.18) {
  return filter.state[id] === MATCHING ? 1 : forFaint;
}

// The part of [start, end] that can be seen, in pixels, at least `least` wide.
function stretch(scene, start, end, least = 1) {
  const { view } = scene;
  const x0 = Math.max(view.left - 2, view.x(start));
  const x1 = Math.min(view.left + view.width + 2, view.x(end));
  return [x0, Math.max(least, x1 - x0)];
}

function tickStep(span, room) {
  const raw = (span / room) * 110;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
  return Math.max(1, step);
}

function drawGrid(scene) {
  const { g, view, layout, colour } = scene;
  const step = tickStep(view.span, view.width);
  g.fillStyle = colour("--grid");
  for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) {
    g.fillRect(Math.round(view.x(t)), AXIS, 1, layout.height - AXIS);
  }
}

function drawAxis(scene) {
  const { g, view, layout, colour } = scene;
  g.fillStyle = colour("--paper");
  g.fillRect(view.left, scene.scroll, view.width, AXIS);
  g.fillStyle = colour("--line");
  g.fillRect(0, scene.scroll + AXIS - 1, layout.width, 1);
  const step = tickStep(view.span, view.width);
  g.font = SMALL;
  g.fillStyle = colour("--quiet");
  g.textAlign = "center";
  for (let t = Math.ceil(view.from / step) * step; t <= view.to; t += step) {
    const x = view.x(t);
    if (x > view.left + 24 && x < layout.width - 30) {
      g.fillText(tickText(t, step), x, scene.scroll + AXIS - 12);
    }
  }
  g.textAlign = "left";
}

function drawLaneGrounds(scene) {
  const { g, layout, colour } = scene;
  for (const lane of layout.lanes) {
    g.fillStyle = colour("--lane");
    g.fillRect(0, lane.bar - 13, layout.width, BAR + 26);
  }
}

// Where the run begins and ends, and what is not recorded.
function drawEdges(scene) {
  const { g, view, layout, trace, colour } = scene;
  const before = view.x(trace.start_us) - view.left;
  const after = view.x(trace.end_us);
  g.fillStyle = stripes(g, colour("--line"), 8);
  if (before > 0) g.fillRect(view.left, AXIS, before, layout.height);
  if (after < layout.width) g.fillRect(after, AXIS, layout.width - after, layout.height);
  if (before > 90 && trace.truncated) {
    g.font = SMALL;
    g.fillStyle = colour("--quiet");
    g.fillText("not recorded", view.left + 8, layout.nodesTop + 8);
  }
}

function roleText(name, term, width) {
  if (name === "down") return width > 40 ? "down" : "";
  if (width > 130) return name + " · term " + term;
  if (width > 58) return "term " + term;
  return String(term);
}

function drawRoles(scene) {
  const { g, view, layout, trace, colour } = scene;
  const { event } = trace;
  g.textBaseline = "middle";
  for (let node = 0; node < trace.nodes; ++node) {
    const lane = layout.lanes[node];
    inSight(trace.rolesOf[node], event, view.from, view.to, (id) => {
      const name = trace.role_names[event.kind[id]];
      const [x, width] = stretch(scene, event.start[id], event.end[id], 1.2);
      g.globalAlpha = alphaOf(id, 0.35);
      g.fillStyle = colour("--" + name);
      const tall = name === "leader" ? 2 : 0;
      g.fillRect(x, lane.bar - tall, width, BAR + 2 * tall);
      if (name === "paused") {
        g.fillStyle = stripes(g, colour("--paused-stripe"), 7);
        g.fillRect(x, lane.bar, width, BAR);
      }
      if (width > 14) {
        g.fillStyle = colour("--paper");
        g.fillRect(x, lane.bar - tall, 1, BAR + 2 * tall);
        g.fillStyle = colour("--on-" + name);
        g.font = name === "leader" ? BOLD : FONT;
        const margin = width > 58 ? 6 : 3;
        boxedText(g, roleText(name, event.term[id], width), x + margin, lane.bar + BAR / 2 + 1,
          width - margin - 1);
      }
    });
  }
  g.globalAlpha = 1;
}

// Draws at most one mark a pixel and lane, so that ten thousand cost no more than a thousand.
function thinned(scene, type, draw) {
  const { view, trace } = scene;
  const { event } = trace;
  const lastX = new Float64Array(trace.nodes).fill(-1e9);
  const lastEnd = new Float64Array(trace.nodes).fill(-1e9);
  inSight(trace.lists[type], event, view.from, view.to, (id) => {
    const node = event.node[id];
    if (node === NONE) return;
    const x = view.x(event.start[id]);
    const end = view.x(event.end[id]);
    if (x - lastX[node] < 0.8 && end - lastEnd[node] < 0.8) return;
    draw(id, node, x, x - lastX[node]);
    lastX[node] = x;
    lastEnd[node] = end;
  });
  scene.g.globalAlpha = 1;
}

function drawDisks(scene) {
  const { g, layout, trace, colour } = scene;
  const { event } = trace;
  g.fillStyle = colour("--disk");
  thinned(scene, DISK, (id, node) => {
    const [x, width] = stretch(scene, event.start[id], event.end[id], 1);
    g.globalAlpha = alphaOf(id) * 0.8;
    g.fillRect(x, layout.lanes[node].barEnd + 3, width, 4);
  });
}

function diamond(g, x, y, size) {
  g.beginPath();
  g.moveTo(x, y - size);
  g.lineTo(x + size, y);
  g.lineTo(x, y + size);
  g.lineTo(x - size, y);
  g.fill();
}

// A number stands beside its diamond where it ends before the next one.
function drawCommits(scene) {
  const { g, view, layout, trace, colour } = scene;
  const { event } = trace;
  g.fillStyle = colour("--commit");
  g.font = SMALL;
  const waiting = new Array(trace.nodes).fill(null);
  const number = (node, nextX) => {
    if (waiting[node] === null) return;
    const { id, x } = waiting[node];
    const text = String(event.index[id]);
    if (x + 12 + text.length * 6.4 > nextX) return;
    g.globalAlpha = alphaOf(id);
    g.fillText(text, x + 5, layout.lanes[node].bar - 7);
  };
  thinned(scene, COMMIT, (id, node, x, gap) => {
    const y = layout.lanes[node].bar - 7;
    number(node, x);
    g.globalAlpha = alphaOf(id);
    if (gap < 5) g.fillRect(x - 0.5, y - 3, 1, 6);
    else diamond(g, x, y, 3.6);
    waiting[node] = { id, x };
  });
  for (let node = 0; node < trace.nodes; ++node) number(node, view.left + view.width + 40);
  g.globalAlpha = 1;
}

function drawNotes(scene) {
  const { g, view, layout, trace, colour } = scene;
  const { event } = trace;
  inSight(trace.lists[NOTE], event, view.from, view.to, (id) => {
    const node = event.node[id];
    const x = view.x(event.start[id]);
    const y = node === NONE ? AXIS + 4 : layout.lanes[node].bar - 18;
    g.globalAlpha = alphaOf(id);
    g.fillStyle = colour("--quiet");
    g.beginPath();
    g.moveTo(x, y);
    g.lineTo(x + 7, y + 3);
    g.lineTo(x, y + 6);
    g.fill();
    g.fillRect(x - 0.5, y, 1, 13);
  });
  g.globalAlpha = 1;
}

// A row for each of those that last at the same time, and stripes in the lanes that they concern.
function drawFaults(scene) {
  const { g, view, layout, trace, colour } = scene;
  const { event } = trace;
  const shade = stripes(g, colour("--fault"), 6);
  inSight(trace.lists[FAULT], event, view.from, view.to, (id) => {
    const [x, width] = stretch(scene, event.start[id], event.end[id], 3);
    const y = layout.faults.top + scene.faults.rows.get(id) * FAULT_ROW;
    g.globalAlpha = alphaOf(id) * 0.2;
    g.fillStyle = colour("--fault");
    g.fillRect(x, y, width, FAULT_ROW - 3);
    g.globalAlpha = alphaOf(id);
    g.fillRect(x, y, Math.min(3, width), FAULT_ROW - 3);
    g.font = SMALL;
    g.fillStyle = colour("--ink");
    boxedText(g, kindOf(trace, id) + ", " + faultPlace(event, id), x + 7, y + 7.5, width - 10);
    g.fillStyle = shade;
    for (const node of [event.node[id], event.peer[id]]) {
      if (node !== NONE) g.fillRect(x, layout.lanes[node].barEnd + 8, width, 5);
    }
  });
  g.globalAlpha = 1;
}

// For what has no end that anybody knows.
function fillFading(g, x, y, width, height, colour) {
  const fading = g.createLinearGradient(x, 0, x + width, 0);
  fading.addColorStop(0, colour);
  fading.addColorStop(1, colour + "22");
  g.fillStyle = fading;
  g.fillRect(x, y, width, height);
}

const MOST_REQUESTS = 40;

// Where a request goes to, and where its reply comes from; only while there are few.
function drawRequests(scene) {
  const { g, view, trace, colour } = scene;
  const ids = [];
  inSight(trace.lists[OPERATION], trace.event, view.from, view.to, (id) => {
    if (filter.state[id] === MATCHING) ids.push(id);
    return ids.length <= MOST_REQUESTS;
  });
  if (ids.length > MOST_REQUESTS) return;
  g.strokeStyle = colour("--client");
  g.lineWidth = 1;
  g.globalAlpha = 0.55;
  g.setLineDash([2, 3]);
  for (const id of ids) strokeRequest(scene, id);
  g.setLineDash([]);
  g.globalAlpha = 1;
}

function strokeRequest(scene, id) {
  const { g, view, layout, trace } = scene;
  const { event } = trace;
  const lane = layout.lanes[event.node[id]];
  if (!lane) return;
  const top = clientRowTop(layout, trace, event.client[id]) + layout.clients.row - 3;
  g.beginPath();
  for (const time of event.ended[id] ? [event.start[id], event.end[id]] : [event.start[id]]) {
    const x = view.x(time);
    if (x < view.left || x > layout.width) continue;
    g.moveTo(x, top);
    g.lineTo(x, lane.bar);
  }
  g.stroke();
}

const OUTCOME_COLOUR = { done: "--client", refused: "--client-refused", unknown: "--client-unknown" };

function drawClients(scene) {
  const { g, view, layout, trace, colour } = scene;
  const { event } = trace;
  const height = Math.max(1.5, layout.clients.row - 3);
  const drawn = new Float64Array(trace.clients.length).fill(-1e9);
  inSight(trace.lists[OPERATION], event, view.from, view.to, (id) => {
    const row = trace.rowOfClient.get(event.client[id]);
    const [x, width] = stretch(scene, event.start[id], event.end[id], 1.5);
    if (x + width - drawn[row] < 0.7) return;
    drawn[row] = x + width;
    const outcome = outcomeOf(trace, id);
    const y = layout.clients.top + row * layout.clients.row;
    g.globalAlpha = alphaOf(id) * 0.9;
    g.fillStyle = colour(OUTCOME_COLOUR[outcome]);
    if (outcome === "unknown") fillFading(g, x, y, width, height, colour("--client-unknown"));
    else g.fillRect(x, y, width - (width > 4 ? 1 : 0), height);
    if (width > 30 && height > 9) {
      g.globalAlpha = alphaOf(id);
      g.font = SMALL;
      g.fillStyle = colour("--on-client");
      boxedText(g, textOf(trace, event.text[id]), x + 4, y + height / 2 + 0.5, width - 8);
    }
  });
  g.globalAlpha = 1;
}

function drawFailure(scene) {
  const { g, view, layout, trace, colour } = scene;
  if (!trace.failure) return;
  const x = view.x(trace.failure.time_us);
  if (x < view.left - 4 || x > layout.width + 4) return;
  g.fillStyle = colour("--failure");
  g.fillRect(x - 1, AXIS, 2, layout.height);
  const { node } = trace.failure;
  if (node !== null && node < trace.nodes) {
    g.strokeStyle = colour("--failure");
    g.lineWidth = 2;
    g.strokeRect(x - 7, layout.lanes[node].bar - 4, 14, BAR + 8);
  }
}

// The names of the lanes, and what each node is at the time under the pointer.
function drawGutter(scene) {
  const { g, view, layout, trace, colour } = scene;
  g.fillStyle = colour("--paper");
  g.fillRect(0, 0, GUTTER, layout.height);
  g.fillStyle = colour("--line");
  g.fillRect(GUTTER - 1, 0, 1, layout.height);
  g.textBaseline = "middle";
  g.font = SMALL;
  g.fillStyle = colour("--quiet");
  if (layout.faults.count) g.fillText("faults", 12, layout.faults.top + 7);
  trace.clients.forEach((client, row) => {
    if (layout.clients.row >= 11) {
      g.fillText("client " + client, 12, layout.clients.top + row * layout.clients.row + 6);
    }
  });
  if (trace.clients.length && layout.clients.row < 11) {
    g.fillText(plural(trace.clients.length, "client"), 12, layout.clients.top + 6);
  }
  layout.lanes.forEach((lane, node) => drawNodeState(scene, lane, node));
  g.fillStyle = colour("--paper");
  g.fillRect(0, scene.scroll, GUTTER - 1, AXIS - 1);
  g.font = SMALL;
  g.fillStyle = colour("--ink");
  g.fillText(timeText(scene.cursor), 12, scene.scroll + AXIS - 12);
}

function drawNodeState(scene, lane, node) {
  const { g, trace, colour } = scene;
  const state = stateAt(trace, node, scene.cursor);
  const middle = lane.bar + BAR / 2;
  g.fillStyle = colour(state.role ? "--" + state.role : "--grid");
  g.fillRect(12, middle - 19, 5, 38);
  g.font = BOLD;
  g.fillStyle = colour("--ink");
  g.fillText(nodeName(node), 24, middle - 13);
  g.font = SMALL;
  g.fillStyle = colour("--quiet");
  if (state.role === null) return;
  g.fillText(shortened(state.role, 14) + (state.role === "down" ? "" : " · term " + state.term), 24,
    middle + 1);
  if (state.commit !== null) g.fillText("commit " + state.commit, 24, middle + 14);
}
