"use strict";

// How long the slowest in ten, in a hundred, ... took: a place for each power of ten, so that the
// tail is seen.

const curveHeight = 220;

// "p99.9" for one in a thousand.
function percentileText(oneIn) {
  const digits = Math.max(0, Math.ceil(Math.log10(oneIn) - 1e-9) - 2);
  return "p" + (100 - 100 / oneIn).toFixed(digits);
}

class CurvePicture {
  constructor(report) {
    this.points = report.latency_curve;
    this.chosen = null;
    this.host = byId("curve");
    this.listen();
    this.draw();
  }

  draw() {
    const width = Math.max(320, this.host.clientWidth);
    const decades = Math.max(1, Math.log10(this.points.at(-1)[0]));
    const right = width - margin.right;
    this.x = (oneIn) => margin.left + (Math.log10(oneIn) / decades) * (right - margin.left);
    const ms = this.points.map(([, us]) => us / 1000).filter((value) => value > 0);
    const values = new LogScale(24, curveHeight, Math.min(1, ...ms), Math.max(0.1, ...ms));
    const svg = drawn("svg", { role: "img", "aria-label": "percentiles of the latency" });
    drawFrame(svg, { left: margin.left, right }, values, "Latency", [], durationText);
    for (let power = 0; power <= decades; ++power) {
      const x = this.x(10 ** power);
      svg.append(drawn("line", { x1: x, x2: x, y1: 24, y2: curveHeight, class: "grid" }));
      svg.append(drawn("text", { x, y: curveHeight + 14, "text-anchor": "middle" },
                       power === 0 ? "fastest" : percentileText(10 ** power)));
    }
    const path = this.points.map(([oneIn, us], i) =>
      (i > 0 ? "L" : "M") + this.x(oneIn).toFixed(1) + " " + values.y(us / 1000).toFixed(1));
    svg.append(drawn("path", { d: path.join(""), class: "line", stroke: "var(--p99)" }));
    this.line = drawn("line", { y1: 24, y2: curveHeight, class: "cursor", visibility: "hidden" });
    svg.append(this.line);
    svg.setAttribute("viewBox", `0 0 ${width} ${curveHeight + 22}`);
    svg.setAttribute("height", curveHeight + 22);
    this.host.replaceChildren(svg);
    this.show();
  }

  words() {
    const [oneIn, us] = this.points[this.chosen];
    return [percentileText(oneIn), [`one in ${counted(Math.round(oneIn * 10) / 10)} took ` +
      `${durationText(us / 1000)} or more`]];
  }

  show() {
    if (this.chosen === null) return;
    const x = this.x(this.points[this.chosen][0]);
    this.line.setAttribute("x1", x);
    this.line.setAttribute("x2", x);
    this.line.setAttribute("visibility", "visible");
    byId("curve-at").textContent = this.words().flat().join(": ");
  }

  listen() {
    this.host.addEventListener("pointermove", (event) => {
      const x = event.clientX - this.host.getBoundingClientRect().left;
      const distances = this.points.map(([oneIn]) => Math.abs(this.x(oneIn) - x));
      this.chosen = distances.indexOf(Math.min(...distances));
      this.show();
      showTip(event.clientX, event.clientY, ...this.words());
    });
    this.host.addEventListener("pointerleave", hideTip);
    this.host.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      this.chosen = Math.min(this.points.length - 1, Math.max(0, (this.chosen ?? -1) + step));
      this.show();
    });
    addEventListener("resize", () => this.draw());
  }
}
