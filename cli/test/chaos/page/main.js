"use strict";

// The picture and how one moves about in it.

const roleLegend = ["leader", "follower", "pre-candidate", "candidate", "silent"];

class Picture {
  constructor(report) {
    this.report = report;
    this.whole = { from: 0, to: Math.max(1, report.length_ms) };
    this.seen = this.whole;
    this.cursor = null;
    this.chosen = null;
    this.host = byId("charts");
    this.listen();
    this.draw();
  }

  draw() {
    const width = Math.max(320, this.host.clientWidth);
    const scale = new TimeScale(this.seen.from, this.seen.to, width);
    const svg = drawn("svg", { role: "img", "aria-label": "the run over time" });
    let y = drawLanes(svg, scale, this.report, 6, this.chosen) + 16;
    y = drawThroughput(svg, scale, this.report, y) + 6;
    y = drawLatency(svg, scale, this.report, y);
    drawTimeAxis(svg, scale, 4, y);
    this.line = drawn("line", { y1: 4, y2: y, class: "cursor", visibility: "hidden" });
    this.selection = drawn("rect", { y: 4, height: y - 4, class: "selection", visibility: "hidden" });
    svg.append(this.selection, this.line);
    svg.setAttribute("viewBox", `0 0 ${width} ${y + 22}`);
    svg.setAttribute("height", y + 22);
    this.host.replaceChildren(svg);
    this.scale = scale;
    this.showCursor();
  }

  look(from, to) {
    const shortest = Math.min(20, this.whole.to);
    const length = Math.min(this.whole.to, Math.max(shortest, to - from));
    const start = Math.min(Math.max(0, (from + to - length) / 2), this.whole.to - length);
    this.seen = { from: start, to: start + length };
    this.draw();
  }

  zoom(factor) {
    const { from, to } = this.seen;
    const around = this.cursor ?? (from + to) / 2;
    this.look(around - (around - from) * factor, around + (to - around) * factor);
  }

  showCursor() {
    if (this.cursor === null) return;
    const x = this.scale.x(this.cursor);
    this.line.setAttribute("x1", x);
    this.line.setAttribute("x2", x);
    this.line.setAttribute("visibility", "visible");
    byId("at").textContent = this.words(this.cursor).flat().join("; ");
  }

  // A title, and lines, about one point in time.
  words(ms) {
    const lines = [];
    const leaders = this.report.roles
      .filter((lane) => (spanAt(lane, ms) || [])[2] === "leader")
      .map((lane) => `node ${lane.node} leads in term ${spanAt(lane, ms)[3]}`);
    lines.push(leaders.join(", ") || "nobody says that it leads");
    const { series } = this.report;
    const i = Math.floor(ms / series.bucket_ms);
    if (i < series.reads.length) {
      const rate = (n) => counted(Math.round((n * 1000) / series.bucket_ms));
      lines.push(`${rate(series.writes[i])} writes/s, ${rate(series.reads[i])} reads/s` +
        (series.unanswered[i] > 0 ? `, ${counted(series.unanswered[i])} not answered` : ""));
      if (series.max_ms[i] > 0) {
        lines.push(`latency p50 ${durationText(series.p50_ms[i])}, p99 ` +
          `${durationText(series.p99_ms[i])}, max ${durationText(series.max_ms[i])}`);
      }
    }
    const gap = this.report.unavailable_ms.find(([from, to]) => from <= ms && ms < to);
    if (gap) lines.push(`no write was acknowledged for ${durationText(gap[1] - gap[0])}`);
    for (const fault of faultsWithin(this.report, ms, ms + 0.01)) lines.push("⚡ " + fault.text);
    return [timeText(ms), lines.map(shown)];
  }

  nextFault(step) {
    const faults = this.report.faults;
    if (faults.length === 0) return;
    const now = faults.indexOf(this.chosen);
    const next = now < 0 && step < 0 ? faults.length - 1 : now + step;
    this.open(faults[(next + faults.length) % faults.length]);
  }

  // Shows a fault and what came of it.
  open(fault) {
    this.chosen = fault;
    this.cursor = fault.from_ms;
    const after = Math.max(1000, 2 * (fault.to_ms - fault.from_ms));
    this.look(fault.from_ms - after / 2, fault.to_ms + after);
    this.host.scrollIntoView({ block: "nearest" });
  }

  openWindow(from, to) {
    this.cursor = from;
    this.look(from - (to - from) - 200, to + (to - from) + 200);
    this.host.scrollIntoView({ block: "nearest" });
  }

  place(event) {
    return this.scale.ms(event.clientX - this.host.getBoundingClientRect().left);
  }

  drag(event) {
    const from = Math.min(this.pressed, this.place(event));
    const to = Math.max(this.pressed, this.place(event));
    this.selection.setAttribute("x", this.scale.x(from));
    this.selection.setAttribute("width", this.scale.x(to) - this.scale.x(from));
    this.selection.setAttribute("visibility", "visible");
    return [from, to];
  }

  listen() {
    this.pressed = null;
    this.host.addEventListener("pointerdown", (event) => {
      if (event.button === 0) this.pressed = this.place(event);
    });
    addEventListener("pointerup", (event) => {
      if (this.pressed === null) return;
      const [from, to] = this.drag(event);
      this.pressed = null;
      this.selection.setAttribute("visibility", "hidden");
      if (this.scale.x(to) - this.scale.x(from) > 6) this.look(from, to);
    });
    this.host.addEventListener("pointermove", (event) => {
      this.cursor = this.place(event);
      if (this.pressed !== null) this.drag(event);
      this.showCursor();
      showTip(event.clientX, event.clientY, ...this.words(this.cursor));
    });
    this.host.addEventListener("pointerleave", hideTip);
    this.host.addEventListener("dblclick", () => this.look(this.whole.from, this.whole.to));
    this.host.addEventListener("keydown", (event) => this.key(event));
    addEventListener("resize", () => this.draw());
    byId("zoom-in").addEventListener("click", () => this.zoom(0.5));
    byId("zoom-out").addEventListener("click", () => this.zoom(2));
    byId("whole").addEventListener("click", () => this.look(this.whole.from, this.whole.to));
  }

  key(event) {
    const step = (this.seen.to - this.seen.from) / (event.shiftKey ? 10 : 100);
    const acts = {
      ArrowLeft: () => this.step(-step),
      ArrowRight: () => this.step(step),
      "+": () => this.zoom(0.5),
      "-": () => this.zoom(2),
      0: () => this.look(this.whole.from, this.whole.to),
      n: () => this.nextFault(1),
      p: () => this.nextFault(-1),
    };
    if (!(event.key in acts) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    acts[event.key]();
  }

  step(by) {
    const { from, to } = this.seen;
    const at = (this.cursor ?? (from + to) / 2) + by;
    this.cursor = Math.min(this.whole.to, Math.max(0, at));
    if (this.cursor < from || this.cursor > to) this.look(from + by, to + by);
    this.showCursor();
  }
}

function fillLegend(report) {
  const swatch = (color, text) =>
    make("span", {}, make("i", { style: `background:var(--${color})` }), text);
  byId("legend").replaceChildren(
    ...roleLegend.map((role) => swatch(role, roleNames[role])),
    ...report.families.map((family) => swatch(family, family)),
    swatch("gap", "no write acknowledged"));
}

function main() {
  const text = byId("report").textContent;
  const report = JSON.parse(text);
  followTheme();
  fillHead(report);
  fillCards(report);
  fillChecks(report);
  fillLegend(report);
  byId("picture").hidden = report.length_ms <= 0;
  const picture = report.length_ms > 0 ? new Picture(report) : null;
  fillFaults(report, (fault) => picture?.open(fault));
  fillWindows(report, (from, to) => picture?.openWindow(from, to));
  fillFoot(report.command, report.versions, text);
}

main();
