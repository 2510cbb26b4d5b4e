// Which events are shown: kinds that are switched off are gone, and what does not fit the words of
// the filter is faint.

const HIDDEN = 0, FAINT = 1, MATCHING = 2;

const filter = {
  off: new Set(),  // of GROUPS
  replies: true,
  onlyLost: false,
  query: "",
  state: null,     // HIDDEN, FAINT or MATCHING, an event
  matches: null,   // the events that match, in order of time
  narrowed: false, // whether there are words
};

// "vote node:2 -lost \"k1 v5\"" as a list of {negated, key, value}.
function parseQuery(query) {
  const parts = query.toLowerCase().match(/-?(?:[a-z]+:)?(?:"[^"]*"?|\S+)/g) || [];
  return parts.map((part) => {
    const negated = part.length > 1 && part.startsWith("-");
    const body = negated ? part.slice(1) : part;
    const keyed = /^([a-z]+):(.*)$/.exec(body);
    const known = keyed && keyed[1] in KEYS;
    const value = (known ? keyed[2] : body).replace(/"/g, "");
    return { negated, key: known ? keyed[1] : "", value };
  }).filter(({ value }) => value !== "");
}

function numberTest(value, fits) {
  const number = Number(value);
  return (i) => fits(i, number);
}

// Each makes a test of one event from the value behind the colon.
const KEYS = {
  node: (trace, value) =>
    numberTest(value, (i, n) => trace.event.node[i] === n || trace.event.peer[i] === n),
  from: (trace, value) => numberTest(value, (i, n) => trace.event.type[i] === MESSAGE &&
    trace.event.node[i] === n),
  to: (trace, value) => numberTest(value, (i, n) => trace.event.type[i] === MESSAGE &&
    trace.event.peer[i] === n),
  term: (trace, value) => numberTest(value, (i, n) => trace.event.term[i] === n),
  index: (trace, value) => numberTest(value, (i, n) => trace.event.index[i] === n),
  client: (trace, value) => numberTest(value, (i, n) => trace.event.client[i] === n),
  kind: (trace, value) => (i) => kindOf(trace, i).toLowerCase().includes(value),
};

// A bare word: in a text, a reply, a kind, or a reason for a loss. Texts are shared by many events,
// so each is looked at once.
function wordTest(trace, word) {
  const { event } = trace;
  const inText = trace.texts.map((text) => text.toLowerCase().includes(word));
  const has = (names) => names.map((name) => name.includes(word));
  const inMessage = has(trace.message_names), inRole = has(trace.role_names);
  const inLost = trace.lost_names.map((name) => word === "lost" || name.includes(word));
  const inGroup = GROUPS.map(({ name }, at) => at >= MESSAGE_GROUPS && name.includes(word));
  return (i) =>
    (event.text[i] !== NONE && inText[event.text[i]]) ||
    (event.more[i] !== NONE && inText[event.more[i]]) ||
    (event.type[i] === MESSAGE && inMessage[event.kind[i]]) ||
    (event.type[i] === ROLE && inRole[event.kind[i]]) ||
    (event.lost[i] !== NONE && inLost[event.lost[i]]) ||
    inGroup[event.group[i]];
}

function testsOf(trace, query) {
  return parseQuery(query).map(({ negated, key, value }) => {
    const test = key ? KEYS[key](trace, value) : wordTest(trace, value);
    return negated ? (i) => !test(i) : test;
  });
}

function isHidden(event, i) {
  if (filter.off.has(event.group[i])) return true;
  if (event.type[i] !== MESSAGE) return false;
  return (!filter.replies && isReply(event.kind[i])) ||
    (filter.onlyLost && event.lost[i] === NONE);
}

function applyFilter(trace) {
  const { event } = trace;
  const tests = testsOf(trace, filter.query);
  filter.narrowed = tests.length > 0;
  filter.state = new Uint8Array(event.length);
  const matches = [];
  for (let i = 0; i < event.length; ++i) {
    if (isHidden(event, i)) continue;
    const fits = tests.every((test) => test(i));
    filter.state[i] = fits ? MATCHING : FAINT;
    if (fits) matches.push(i);
  }
  filter.matches = Uint32Array.from(matches);
}

// The match after (step 1) or before (step -1) an event, or a time where there is none; NONE at
// the ends.
function neighbour(trace, step, id, time) {
  const { matches } = filter;
  const { event } = trace;
  const place = id !== NONE
    ? firstPlace(matches.length, (at) => matches[at] >= id)
    : firstPlace(matches.length, (at) => event.start[matches[at]] >= time);
  const isThere = id !== NONE && matches[place] === id;
  const at = step < 0 ? place - 1 : isThere ? place + 1 : place;
  return at >= 0 && at < matches.length ? matches[at] : NONE;
}
