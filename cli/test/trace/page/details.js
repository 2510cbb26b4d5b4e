// Words for the event under the pointer, and all that is known of the one that was clicked.

function lostText(trace, id) {
  const lost = trace.event.lost[id];
  return lost === NONE ? "" : LOST_MEANING[trace.lost_names[lost]] || trace.lost_names[lost];
}

// What became of a message, an operation, a span: a line.
function fateOf(trace, id) {
  const { event } = trace;
  if (event.lost[id] !== NONE) return "lost: " + lostText(trace, id);
  if (event.type[id] === MESSAGE && !event.ended[id]) return "still under way at the end of the run";
  if (event.type[id] === OPERATION && !event.ended[id]) return "never learned what became of it";
  const took = event.end[id] - event.start[id];
  const verb = event.type[id] === ROLE || event.type[id] === FAULT ? "lasted " : "took ";
  return took > 0 || event.type[id] === MESSAGE ? verb + durationText(took) : "";
}

function tipLines(trace, id) {
  const { event } = trace;
  const lines = [];
  const term = event.term[id];
  if (event.type[id] === MESSAGE || event.type[id] === COMMIT) lines.push("term " + term);
  if (event.text[id] !== NONE && trace.texts[event.text[id]]) {
    lines.push(shortened(textOf(trace, event.text[id]), 160));
  }
  if (event.type[id] === OPERATION && event.more[id] !== NONE && trace.texts[event.more[id]]) {
    lines.push("→ " + shortened(textOf(trace, event.more[id]), 120));
  }
  lines.push([timeText(event.start[id]), fateOf(trace, id)].filter(Boolean).join(", "));
  return lines;
}

function fillTip(tip, title, lines) {
  tip.replaceChildren(make("b", { text: title }), ...lines.map((text) => make("span", { text })));
  tip.hidden = false;
}

function crowdLines({ counts, lost }) {
  const lines = GROUPS.slice(0, MESSAGE_GROUPS).map(({ name }, group) => [name, counts[group]])
    .filter(([, n]) => n > 0).map(([name, n]) => counted(n) + " " + name);
  if (lost) lines.push(counted(lost) + " of them lost");
  return [...lines, "zoom in to tell them apart"];
}

function stateText(trace, node, time) {
  const { role, term, commit } = stateAt(trace, node, time);
  if (role === null) return "unknown";
  return role + ", term " + term + (commit === null ? "" : ", commit " + commit);
}

function messageRows(trace, id) {
  const { event } = trace;
  const rows = [
    ["from", nodeName(event.node[id]) + " (" + stateText(trace, event.node[id], event.start[id]) + ")"],
    ["to", nodeName(event.peer[id]) + " (" + stateText(trace, event.peer[id],
      event.ended[id] ? event.end[id] : event.start[id]) + ")"],
    ["term", String(event.term[id])],
    ["contents", textOf(trace, event.text[id]) || "nothing more"],
    ["sent", timeText(event.start[id])],
  ];
  if (event.lost[id] !== NONE) rows.push(["lost", lostText(trace, id), "lost"]);
  else rows.push(["received", event.ended[id] ? timeText(event.end[id]) : "not before the end"]);
  if (event.ended[id]) rows.push(["took", durationText(event.end[id] - event.start[id])]);
  return rows;
}

function spanRows(trace, id) {
  const { event } = trace;
  return [
    ["from", timeText(event.start[id])],
    ["until", event.ended[id] ? timeText(event.end[id]) : "the end of the run"],
    ["lasted", durationText(event.end[id] - event.start[id])],
  ];
}

function rowsOf(trace, id) {
  const { event } = trace;
  const text = ["what", textOf(trace, event.text[id])];
  const at = ["at", timeText(event.start[id])];
  switch (event.type[id]) {
    case MESSAGE: return messageRows(trace, id);
    case ROLE: return [["term", String(event.term[id])], ...spanRows(trace, id)];
    case FAULT: return [["where", faultPlace(event, id)], text, ...spanRows(trace, id)];
    case COMMIT: return [["index", String(event.index[id])], ["its term", String(event.term[id])], at,
      ["node is", stateText(trace, event.node[id], event.start[id])]];
    case DISK: return [text, ...spanRows(trace, id)];
    case OPERATION: return operationRows(trace, id);
    default: return [["what", textOf(trace, event.text[id])], at];
  }
}

function operationRows(trace, id) {
  const { event } = trace;
  const rows = [
    ["client", String(event.client[id])],
    ["asked", event.node[id] === NONE ? "nobody" : nodeName(event.node[id]) + " (" +
      stateText(trace, event.node[id], event.start[id]) + ")"],
    ["request", textOf(trace, event.text[id])],
    ["reply", event.ended[id] ? textOf(trace, event.more[id]) || "empty" : "none: it may have " +
      "happened, or may still happen"],
    ["start", timeText(event.start[id])],
  ];
  if (event.ended[id]) {
    rows.push(["end", timeText(event.end[id])], ["took", durationText(event.end[id] - event.start[id])]);
  }
  return rows;
}

// The nearest event in a list before (step -1) or after an event that fits.
function sibling(list, id, step, fits) {
  let at = firstPlace(list.ids.length, (i) => list.ids[i] >= id);
  at += step < 0 ? -1 : list.ids[at] === id ? 1 : 0;
  for (; at >= 0 && at < list.ids.length; at += step) if (fits(list.ids[at])) return list.ids[at];
  return NONE;
}

function messageLinks(trace, id) {
  const { event, lists } = trace;
  const from = event.node[id], to = event.peer[id], kind = event.kind[id];
  const same = (i) => event.node[i] === from && event.peer[i] === to;
  const pair = nodeName(from) + " → " + nodeName(to);
  const links = [
    ["‹ previous " + pair, sibling(lists[MESSAGE], id, -1, same)],
    ["next " + pair + " ›", sibling(lists[MESSAGE], id, 1, same)],
  ];
  if (kind < TIMEOUT_NOW && !isReply(kind) && event.ended[id]) {
    links.push(["next reply of this kind", sibling(lists[MESSAGE], id, 1, (i) =>
      event.node[i] === to && event.peer[i] === from && event.kind[i] === kind + 1 &&
      event.start[i] >= event.end[id])]);
  }
  return links;
}

// What came just before: the causes are among them.
function failureLinks(trace, id) {
  const { event, lists } = trace;
  const node = event.node[id];
  const about = (i) => node === NONE || event.node[i] === node || event.peer[i] === node;
  const where = node === NONE ? "" : " of " + nodeName(node);
  return [
    ["‹ last message" + where, MESSAGE], ["‹ last role" + where, ROLE],
    ["‹ last commit" + where, COMMIT], ["‹ last fault", FAULT], ["‹ last client", OPERATION],
  ].map(([text, type]) => [text, sibling(lists[type], id, -1,
    type === FAULT || type === OPERATION ? () => true : about)]);
}

// What it is natural to look at next.
function linksOf(trace, id) {
  const { event, lists } = trace;
  const type = event.type[id];
  if (type === MESSAGE) return messageLinks(trace, id);
  if (type === FAILURE) return failureLinks(trace, id);
  const own = type === OPERATION ? (i) => event.client[i] === event.client[id]
    : (i) => event.node[i] === event.node[id];
  const links = [
    ["‹ previous", sibling(lists[type], id, -1, own)],
    ["next ›", sibling(lists[type], id, 1, own)],
  ];
  if (type === COMMIT) {
    links.push(["next node that commits " + event.index[id], sibling(lists[COMMIT], id, 1,
      (i) => event.index[i] >= event.index[id] && event.node[i] !== event.node[id])]);
  }
  return links;
}

function fillDetails(panel, trace, id, go, close) {
  const title = make("h2", {}, make("span", { text: titleOf(trace, id) }),
    make("button", { className: "close", text: "×", title: "Esc", "aria-label": "Close", onclick: close }));
  const table = make("table");
  for (const [name, value, style = ""] of rowsOf(trace, id)) {
    table.append(make("tr", {}, make("th", { text: name }), make("td", { text: value, className: style })));
  }
  const links = make("nav");
  for (const [text, target] of linksOf(trace, id)) {
    const button = make("button", { text, onclick: () => go(target) });
    button.disabled = target === NONE;
    links.append(button);
  }
  panel.replaceChildren(title, table, make("p", { className: "meaning", text: meaningOf(trace, id) }), links);
  panel.hidden = false;
}
