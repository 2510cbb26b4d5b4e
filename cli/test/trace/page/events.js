// The events of the run, in order of time: a column a property, because a run may have hundreds of
// thousands of them and every frame looks at many.

const MESSAGE = 0, ROLE = 1, FAULT = 2, COMMIT = 3, DISK = 4, OPERATION = 5, NOTE = 6, FAILURE = 7;
const NONE = -1;

// Where the kinds of messages stand in trace.hpp.
const APPEND = 0, HEARTBEAT = 2, VOTE = 4, PRE_VOTE = 6, TIMEOUT_NOW = 8;

function isReply(kind) {
  return kind < TIMEOUT_NOW && kind % 2 === 1;
}

// What can be switched off and on. The first four are messages.
const GROUPS = [
  { name: "append", colour: "--append" },
  { name: "heartbeat", colour: "--heartbeat" },
  { name: "vote", colour: "--vote" },
  { name: "other message", colour: "--other" },
  { name: "role", colour: "--leader" },
  { name: "fault", colour: "--fault" },
  { name: "commit", colour: "--commit" },
  { name: "disk", colour: "--disk" },
  { name: "client", colour: "--client" },
  { name: "note", colour: "--quiet" },
];
const MESSAGE_GROUPS = 4;
const GROUP_OF_TYPE = [NONE, 4, 5, 6, 7, 8, 9, 9];

function groupOfMessage(kind) {
  if (kind < HEARTBEAT) return 0;
  if (kind < VOTE) return 1;
  return kind <= TIMEOUT_NOW ? 2 : 3;
}

function columns(length) {
  return {
    length,
    type: new Uint8Array(length),
    group: new Uint8Array(length),
    kind: new Uint8Array(length),  // of a message; of a role
    start: new Float64Array(length),
    end: new Float64Array(length),  // where its picture ends
    ended: new Uint8Array(length),  // whether `end` is known, and not just drawn
    node: new Int32Array(length),  // of a message: the sender
    peer: new Int32Array(length),
    client: new Int32Array(length),
    lost: new Int8Array(length),
    term: new Float64Array(length),
    index: new Float64Array(length),
    text: new Int32Array(length),
    more: new Int32Array(length),  // a reply; a fault's kind
  };
}
// They hold NONE in events that have no such thing.
const OPTIONAL = ["node", "peer", "client", "lost", "term", "index", "text", "more"];

// How a row of each list becomes an event. `null` stands for what is not there.
const ROWS = {
  messages: { type: MESSAGE, fields: ["start", "end", "node", "peer", "kind", "term", "lost", "text"] },
  roles: { type: ROLE, fields: ["start", "end", "node", "kind", "term"] },
  faults: { type: FAULT, fields: ["start", "end", "node", "peer", "more", "text"] },
  commits: { type: COMMIT, fields: ["start", "node", "index", "term"] },
  disks: { type: DISK, fields: ["start", "end", "node", "text"] },
  operations: { type: OPERATION, fields: ["start", "end", "client", "node", "text", "more"] },
  notes: { type: NOTE, fields: ["start", "node", "text"] },
};

// Nodes that the run does not have get no lane, and what they did no place.
function isDrawable(event, i, nodes) {
  const needsNode = event.type[i] === MESSAGE || event.type[i] === ROLE ||
    event.type[i] === COMMIT || event.type[i] === DISK;
  return event.node[i] < nodes && event.peer[i] < nodes && event.node[i] >= (needsNode ? 0 : NONE) &&
    (event.type[i] !== MESSAGE || event.peer[i] >= 0);
}

function fill(event, i, row, shape, open) {
  for (const field of OPTIONAL) event[field][i] = NONE;
  event.type[i] = shape.type;
  event.kind[i] = 0;
  shape.fields.forEach((field, at) => {
    if (row[at] !== null) event[field][i] = row[at];
  });
  const at = shape.fields.indexOf("end");
  event.ended[i] = at < 0 || row[at] !== null ? 1 : 0;
  if (at < 0) event.end[i] = event.start[i];
  else if (row[at] === null) event.end[i] = open;
  event.group[i] =
    shape.type === MESSAGE ? groupOfMessage(event.kind[i]) : GROUP_OF_TYPE[shape.type];
}

function failureRow(trace) {
  if (!trace.failure) return [];
  const { time_us, node } = trace.failure;
  return [[time_us, node, trace.texts.push(trace.failure.invariant + ": " +
    trace.failure.message) - 1]];
}

// All lists, merged: each is in order of time already.
function mergedEvents(trace) {
  const shapes = Object.entries(ROWS).map(([name, shape]) => ({ ...shape, rows: trace[name] }));
  shapes.push({ type: FAILURE, fields: ["start", "node", "text"], rows: failureRow(trace) });
  const event = columns(shapes.reduce((sum, shape) => sum + shape.rows.length, 0));
  const next = shapes.map(() => 0);
  let i = 0;
  for (;;) {
    let first = NONE;
    shapes.forEach(({ rows }, s) => {
      if (next[s] < rows.length &&
          (first < 0 || rows[next[s]][0] < shapes[first].rows[next[first]][0])) {
        first = s;
      }
    });
    if (first < 0) break;
    fill(event, i, shapes[first].rows[next[first]++], shapes[first], trace.end_us);
    if (isDrawable(event, i, trace.nodes)) ++i;
  }
  event.length = i;
  return event;
}

// Lost messages are drawn as if they had taken as long as most.
function typicalLatency(event) {
  const some = [];
  const step = Math.max(1, Math.floor(event.length / 4000));
  for (let i = 0; i < event.length; i += step) {
    if (event.type[i] === MESSAGE && event.ended[i]) some.push(event.end[i] - event.start[i]);
  }
  some.sort((a, b) => a - b);
  return some.length ? Math.max(1, some[some.length >> 1]) : 1000;
}

// Positions of the events that fit, in order of time, with what finds those of a stretch of time:
// `reach[i]` is the latest end among the first i + 1.
function listOf(event, fits) {
  const ids = [];
  for (let i = 0; i < event.length; ++i) if (fits(i)) ids.push(i);
  const reach = new Float64Array(ids.length);
  let latest = -Infinity;
  ids.forEach((id, at) => {
    latest = Math.max(latest, event.end[id]);
    reach[at] = latest;
  });
  return { ids: Uint32Array.from(ids), reach };
}

// The first place in [0, length) where `isThere` turns true; length where it never does.
function firstPlace(length, isThere) {
  let low = 0, high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isThere(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

// Reads the trace that the page carries, and adds what drawing and telling need.
function readTrace(text) {
  const trace = JSON.parse(text);
  const event = mergedEvents(trace);
  const latency = typicalLatency(event);
  trace.event = event;
  let last = trace.end_us;
  for (let i = 0; i < event.length; ++i) {
    if (event.type[i] === MESSAGE && event.lost[i] !== NONE) {
      event.end[i] = event.start[i] + latency;
      event.ended[i] = 0;
    }
    last = Math.max(last, event.start[i]);
  }
  trace.end_us = Math.max(last, trace.start_us + 1);
  trace.lists = [];
  for (let type = MESSAGE; type <= FAILURE; ++type) {
    trace.lists.push(listOf(event, (i) => event.type[i] === type));
  }
  trace.rolesOf = [];
  trace.commitsOf = [];
  for (let node = 0; node < trace.nodes; ++node) {
    trace.rolesOf.push(listOf(event, (i) => event.type[i] === ROLE && event.node[i] === node));
    trace.commitsOf.push(listOf(event, (i) => event.type[i] === COMMIT && event.node[i] === node));
  }
  closeOperations(event, trace.lists[OPERATION].ids);
  trace.lists[OPERATION] = listOf(event, (i) => event.type[i] === OPERATION);
  trace.clients = clientNumbers(event);
  trace.rowOfClient = new Map(trace.clients.map((number, row) => [number, row]));
  return trace;
}

// A client does one thing at a time: what has no end is drawn until it began the next.
function closeOperations(event, ids) {
  const last = new Map();
  for (const id of ids) {
    const before = last.get(event.client[id]);
    if (before !== undefined && !event.ended[before]) event.end[before] = event.start[id];
    last.set(event.client[id], id);
  }
}

function clientNumbers(event) {
  const numbers = new Set();
  for (let i = 0; i < event.length; ++i) if (event.type[i] === OPERATION) numbers.add(event.client[i]);
  return [...numbers].sort((a, b) => a - b);
}

// The last event of a list that started by `time`, or NONE.
function lastBefore(list, event, time) {
  const at = firstPlace(list.ids.length, (i) => event.start[list.ids[i]] > time);
  return at === 0 ? NONE : list.ids[at - 1];
}

// What a node was, and how far it knew the log to be committed, at a time.
function stateAt(trace, node, time) {
  const { event } = trace;
  const role = lastBefore(trace.rolesOf[node], event, time);
  const commit = lastBefore(trace.commitsOf[node], event, time);
  const known = role !== NONE && event.end[role] >= time;
  return {
    role: known ? trace.role_names[event.kind[role]] : null,
    term: known ? event.term[role] : null,
    commit: commit === NONE ? null : event.index[commit],
  };
}
