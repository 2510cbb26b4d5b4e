"use strict";

// A lane a node: its role over time, and under it what was done to it.

const laneHeight = 40;
const roleHeight = 17;
const strip = { height: 6, gap: 1, most: 3 };

const roleNames = {
  leader: "leader",
  follower: "follower",
  candidate: "candidate",
  "pre-candidate": "pre-candidate",
  silent: "does not answer",
};

function roleOf(span) {
  return span[2] in roleNames ? span[2] : "silent";
}

// Faults of one node in rows, so that those of one time are seen beside each other.
function rowsOf(faults) {
  const rows = [];
  for (const fault of faults) {
    let row = rows.findIndex((last) => last <= fault.from_ms);
    if (row < 0) row = rows.length;
    rows[row] = fault.to_ms;
    fault.row = row;
  }
  return faults;
}

function drawRoles(svg, scale, spans, top) {
  for (const span of spans) {
    const [from, to, , term] = span;
    if (!scale.sees(from, to)) continue;
    const role = roleOf(span);
    const x = scale.x(from);
    const width = Math.max(0.7, scale.x(to) - x);
    svg.append(drawn("rect", { x, y: top, width, height: roleHeight, fill: `var(--${role})` }));
    if (role === "leader" && width > 26) {
      const text = width > 62 ? "term " + term : String(term);
      svg.append(drawn("text", { x: x + 4, y: top + 12, class: "term", fill: "#fff", style: "fill:#fff" },
                       text));
    }
  }
}

function drawFaultStrips(svg, scale, faults, top, chosen) {
  for (const fault of faults) {
    if (!scale.sees(fault.from_ms, fault.to_ms)) continue;
    const x = scale.x(fault.from_ms);
    const row = Math.min(fault.row, strip.most - 1);
    svg.append(drawn("rect", {
      x,
      y: top + row * (strip.height + strip.gap),
      width: Math.max(2, scale.x(fault.to_ms) - x),
      height: strip.height,
      rx: 1.5,
      fill: `var(--${fault.family})`,
      class: fault === chosen ? "fault chosen" : "fault",
    }));
  }
}

function drawLanes(svg, scale, report, top, chosen) {
  for (const lane of report.roles) {
    svg.append(drawn("text", { x: 4, y: top + 13, class: "name" }, "node " + lane.node));
    drawRoles(svg, scale, lane.spans, top);
    const faults = report.faults.filter(
      (fault) => fault.nodes.includes(lane.node) && fault.from_ms < fault.to_ms);
    drawFaultStrips(svg, scale, rowsOf(faults.map((fault) => fault)), top + roleHeight + 2, chosen);
    top += laneHeight;
  }
  return top;
}

// What a node was at a time: its span, or nothing.
function spanAt(lane, ms) {
  return lane.spans.find((span) => span[0] <= ms && ms < span[1]);
}
