"use strict";

// What charts over time have in common.

// `parts` are the names of colours, and what has them.
function drawFrame(svg, scale, values, title, parts, text) {
  svg.append(drawn("text", { x: 4, y: values.top - 8, class: "name" }, title));
  let right = scale.right;
  for (const [color, name] of [...parts].reverse()) {
    const label = drawn("text", { x: right, y: values.top - 8, "text-anchor": "end" }, name);
    svg.append(label);
    right -= 7 * name.length + 6;
    svg.append(drawn("rect", { x: right - 8, y: values.top - 16, width: 9, height: 9, rx: 2,
                               fill: `var(--${color})` }));
    right -= 22;
  }
  for (const value of values.ticks()) {
    const y = values.y(value);
    svg.append(drawn("line", { x1: scale.left, x2: scale.right, y1: y, y2: y, class: "grid" }));
    svg.append(drawn("text", { x: scale.left - 6, y: y + 4, "text-anchor": "end" }, text(value)));
  }
}

function linePath(seen, scale, at, y) {
  let path = "";
  let pen = false;
  for (const bucket of seen) {
    const value = at(bucket.i);
    if (value > 0) {
      path += (pen ? "L" : "M") + scale.x((bucket.from + bucket.to) / 2).toFixed(1) + " " +
        y(value).toFixed(1);
    }
    pen = value > 0;
  }
  return path;
}

function drawTimeAxis(svg, scale, top, bottom) {
  const { step, ticks } = scale.ticks();
  for (const ms of ticks) {
    const x = scale.x(ms);
    svg.prepend(drawn("line", { x1: x, x2: x, y1: top, y2: bottom, class: "grid" }));
    svg.append(drawn("text", { x, y: bottom + 14, "text-anchor": "middle" }, tickText(ms, step)));
  }
  svg.append(drawn("line", { x1: scale.left, x2: scale.right, y1: bottom, y2: bottom, class: "axis" }));
}
