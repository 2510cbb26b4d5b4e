"use strict";

// Rate and latency over time.

const chartHeight = 140;

class TimePicture {
  constructor(report) {
    this.series = report.series;
    this.length = report.series.window_s * 1000;
    this.cursor = null;
    this.host = byId("charts");
    this.windows = this.series.operations.map((_, i) =>
      ({ i, from: i * this.length, to: (i + 1) * this.length }));
    this.listen();
    this.draw();
  }

  draw() {
    const width = Math.max(320, this.host.clientWidth);
    const scale = new TimeScale(0, this.windows.length * this.length, width);
    const svg = drawn("svg", { role: "img", "aria-label": "the run over time" });
    let y = this.drawRate(svg, scale, 6);
    y = this.drawLatency(svg, scale, y + 16);
    drawTimeAxis(svg, scale, 4, y);
    this.line = drawn("line", { y1: 4, y2: y, class: "cursor", visibility: "hidden" });
    svg.append(this.line);
    svg.setAttribute("viewBox", `0 0 ${width} ${y + 22}`);
    svg.setAttribute("height", y + 22);
    this.host.replaceChildren(svg);
    this.scale = scale;
    this.show();
  }

  drawRate(svg, scale, top) {
    const { operations, errors } = this.series;
    const perSecond = 1000 / this.length;
    const most = Math.max(0, ...this.windows.map(({ i }) => (operations[i] + errors[i]) * perSecond));
    const values = new LinearScale(top + 18, top + chartHeight, most);
    drawFrame(svg, scale, values, "Operations a second",
              [["writes", "answered"], ["unanswered", "errors"]], counted);
    const bars = drawn("g", { class: "bars" });
    svg.append(bars);
    for (const { i, from, to } of this.windows) {
      let below = 0;
      for (const [color, count] of [["writes", operations[i]], ["unanswered", errors[i]]]) {
        if (count === 0) continue;
        const y = values.y(below + count * perSecond);
        const x = scale.x(from);
        bars.append(drawn("rect", { x, y, width: Math.max(0.5, scale.x(to) - x),
                                    height: values.y(below) - y, fill: `var(--${color})` }));
        below += count * perSecond;
      }
    }
    return top + chartHeight;
  }

  drawLatency(svg, scale, top) {
    const { p50_us, p99_us, max_us } = this.series;
    const all = [...p50_us, ...max_us].filter((us) => us > 0).map((us) => us / 1000);
    const values = new LogScale(top + 18, top + chartHeight, Math.min(1, ...all), Math.max(0.1, ...all));
    drawFrame(svg, scale, values, "Latency", [["p50", "p50"], ["p99", "p99"], ["max", "max"]], durationText);
    for (const [name, list] of [["max", max_us], ["p99", p99_us], ["p50", p50_us]]) {
      svg.append(drawn("path", {
        d: linePath(this.windows, scale, (i) => list[i] / 1000, (ms) => values.y(ms)),
        class: "line",
        stroke: `var(--${name})`,
      }));
    }
    return top + chartHeight;
  }

  // A title, and lines, about one point in time.
  words() {
    const i = Math.min(this.windows.length - 1, Math.max(0, Math.floor(this.cursor / this.length)));
    const { operations, errors, p50_us, p99_us, max_us } = this.series;
    const lines = [`${counted(Math.round(operations[i] * 1000 / this.length))} operations a second`];
    if (errors[i] > 0) lines.push(`${counted(errors[i])} errors`);
    if (operations[i] > 0) {
      lines.push(`p50 ${durationText(p50_us[i] / 1000)}, p99 ${durationText(p99_us[i] / 1000)}, ` +
        `max ${durationText(max_us[i] / 1000)}`);
    }
    return [timeText(this.windows[i].from), lines];
  }

  show() {
    if (this.cursor === null) return;
    const x = this.scale.x(this.cursor);
    this.line.setAttribute("x1", x);
    this.line.setAttribute("x2", x);
    this.line.setAttribute("visibility", "visible");
    byId("at").textContent = this.words().flat().join("; ");
  }

  listen() {
    this.host.addEventListener("pointermove", (event) => {
      this.cursor = this.scale.ms(event.clientX - this.host.getBoundingClientRect().left);
      this.show();
      showTip(event.clientX, event.clientY, ...this.words());
    });
    this.host.addEventListener("pointerleave", hideTip);
    this.host.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      const last = (this.windows.length - 0.5) * this.length;
      const from = this.cursor ?? -0.5 * this.length;
      this.cursor = Math.min(last, Math.max(0.5 * this.length, from + step * this.length));
      this.show();
    });
    addEventListener("resize", () => this.draw());
  }
}
