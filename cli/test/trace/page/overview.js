// The whole run in a strip at the bottom, with a window that shows what the picture shows.

const OVERVIEW_ROW = 7;

class Overview {
  constructor(canvas, trace, view) {
    this.canvas = canvas;
    this.trace = trace;
    this.view = view;
    this.still = document.createElement("canvas");  // all but the window
    this.stale = true;
    this.height = 16 + Math.max(1, trace.nodes) * OVERVIEW_ROW + 4;
  }

  resize(width, scale) {
    this.width = width;
    this.scale = scale;
    for (const canvas of [this.canvas, this.still]) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(this.height * scale);
    }
    this.canvas.style.width = width + "px";
    this.canvas.style.height = this.height + "px";
    this.stale = true;
  }

  x(time) {
    const { start_us, end_us } = this.trace;
    return GUTTER + ((time - start_us) / (end_us - start_us)) * (this.width - GUTTER - 2);
  }

  time(x) {
    const { start_us, end_us } = this.trace;
    return start_us + ((x - GUTTER) / (this.width - GUTTER - 2)) * (end_us - start_us);
  }

  drawStill(colour) {
    const g = this.still.getContext("2d");
    g.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    g.clearRect(0, 0, this.width, this.height);
    this.drawActivity(g, colour);
    this.drawFaults(g, colour);
    for (let node = 0; node < this.trace.nodes; ++node) this.drawNode(g, colour, node);
    g.font = SMALL;
    g.textBaseline = "middle";
    g.fillStyle = colour("--quiet");
    g.fillText("whole run", 12, 8);
    if (this.trace.failure) {
      g.fillStyle = colour("--failure");
      g.fillRect(this.x(this.trace.failure.time_us) - 1, 0, 2, this.height);
    }
    this.stale = false;
  }

  // How busy the cluster was: matching events a pixel.
  drawActivity(g, colour) {
    const { event } = this.trace;
    const counts = new Uint32Array(Math.ceil(this.width) + 1);
    for (const id of filter.matches) ++counts[Math.max(0, Math.floor(this.x(event.start[id])))];
    const most = counts.reduce((a, b) => Math.max(a, b), 1);
    g.fillStyle = colour("--accent");
    g.globalAlpha = 0.45;
    counts.forEach((n, x) => {
      if (n) g.fillRect(x, 14, 1, -Math.max(1, 12 * Math.log1p(n) / Math.log1p(most)));
    });
    g.globalAlpha = 1;
  }

  drawFaults(g, colour) {
    const { event, lists } = this.trace;
    g.fillStyle = colour("--fault");
    for (const id of lists[FAULT].ids) {
      const x = this.x(event.start[id]);
      const width = Math.max(1, this.x(event.end[id]) - x);
      g.globalAlpha = 0.16;
      g.fillRect(x, 14, width, this.height);
      g.globalAlpha = 1;
      g.fillRect(x, 13, width, 2);
    }
  }

  drawNode(g, colour, node) {
    const { event, rolesOf, role_names } = this.trace;
    const y = 17 + node * OVERVIEW_ROW;
    for (const id of rolesOf[node].ids) {
      const x = this.x(event.start[id]);
      const width = Math.max(1, this.x(event.end[id]) - x);
      const name = role_names[event.kind[id]];
      g.fillStyle = colour("--" + name);
      g.globalAlpha = name === "follower" ? 0.55 : 1;
      g.fillRect(x, y, width, OVERVIEW_ROW - 2);
    }
    g.globalAlpha = 1;
  }

  draw(colour) {
    if (this.stale) this.drawStill(colour);
    const g = this.canvas.getContext("2d");
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.clearRect(0, 0, this.canvas.width, this.canvas.height);
    g.drawImage(this.still, 0, 0);
    g.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    const { from, to } = this.window();
    g.fillStyle = colour("--paper");
    g.globalAlpha = 0.5;
    g.fillRect(GUTTER, 0, from - GUTTER, this.height);
    g.fillRect(to, 0, this.width - to, this.height);
    g.globalAlpha = 1;
    g.strokeStyle = colour("--accent");
    g.lineWidth = 2;
    g.strokeRect(from, 1, to - from, this.height - 2);
  }

  // Never too narrow to be grasped.
  window() {
    const from = Math.max(GUTTER, this.x(this.view.from));
    const to = Math.min(this.width - 1, this.x(this.view.to));
    const missing = Math.max(0, 6 - (to - from)) / 2;
    return { from: from - missing, to: to + missing };
  }

  // Which part of the window is under x: "from", "to", "inside", or nothing.
  part(x) {
    const { from, to } = this.window();
    if (Math.abs(x - from) < 5 && to - from > 12) return "from";
    if (Math.abs(x - to) < 5 && to - from > 12) return "to";
    return x > from - 4 && x < to + 4 ? "inside" : "";
  }
}
