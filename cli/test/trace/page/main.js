// Puts the page together, and draws it whenever something has changed.

class App {
  constructor(trace) {
    this.trace = trace;
    this.canvas = this.element("canvas");
    this.picture = this.element("picture");
    this.tip = this.element("tip");
    this.faults = faultRows(trace);
    this.view = new View(trace, () => this.changed());
    this.overview = new Overview(this.element("overview"), trace, this.view);
    this.selected = NONE;
    this.hovered = NONE;
    this.pointer = null;   // where the mouse is: pixels from the left
    this.head = null;      // the thin line: a time
    this.playedAt = null;  // when playing: the last frame
    this.requested = false;
  }

  element(name) { return document.getElementById(name); }

  start() {
    applyFilter(this.trace);
    this.useTheme(localStorageTheme() ?? (darkWished() ? "dark" : "light"));
    fillFacts(this);
    fillBanner(this);
    fillChips(this);
    fillLegend(this);
    this.showMatches();
    listenToPicture(this);
    listenToOverview(this);
    listenToKeys(this);
    listenToButtons(this);
    new ResizeObserver(() => this.resize()).observe(this.picture);
    this.picture.addEventListener("scroll", () => this.changed());
    this.resize();
    this.view.show(...firstSight(this.trace));
  }

  changed() {
    if (this.requested) return;
    this.requested = true;
    requestAnimationFrame((now) => this.frame(now));
  }

  frame(now) {
    this.requested = false;
    const moving = this.view.advance(now);
    const playing = this.advancePlay(now);
    this.draw();
    if (moving || playing) this.changed();
  }

  resize() {
    const scale = window.devicePixelRatio || 1;
    const width = Math.max(300, this.picture.clientWidth);
    this.layout = makeLayout(this.trace, this.faults, width, this.picture.clientHeight);
    this.scale = scale;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(this.layout.height * scale);
    this.canvas.style.width = width + "px";
    this.canvas.style.height = this.layout.height + "px";
    this.view.place(GUTTER, width - GUTTER);
    this.overview.resize(document.body.clientWidth - 28, scale);
    this.changed();
  }

  // All that drawing and picking need to know.
  scene() {
    return Object.assign(this.lastScene ??= {}, {
      g: this.canvas.getContext("2d"), view: this.view, layout: this.layout, trace: this.trace,
      colour: this.colour, faults: this.faults, head: this.head, scroll: this.picture.scrollTop,
      cursor: this.cursor(),
    });
  }

  // The time whose state the names of the lanes tell: under the mouse, or at the thin line.
  cursor() {
    if (this.playedAt !== null) return this.head;
    if (this.pointer !== null) return this.view.time(this.pointer);
    return this.head ?? Math.min(this.view.to, this.trace.end_us);
  }

  draw() {
    const scene = this.scene();
    const { g, layout, colour } = scene;
    g.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    g.fillStyle = colour("--paper");
    g.fillRect(0, 0, layout.width, layout.height);
    g.textBaseline = "middle";
    drawLaneGrounds(scene);
    drawGrid(scene);
    drawEdges(scene);
    drawRequests(scene);
    drawMessages(scene);
    drawRoles(scene);
    drawDisks(scene);
    drawFaults(scene);
    drawCommits(scene);
    drawClients(scene);
    drawNotes(scene);
    drawFailure(scene);
    drawPinned(scene, this.hovered, 2);
    drawPinned(scene, this.selected, 3);
    drawHead(scene);
    drawAxis(scene);
    drawGutter(scene);
    this.overview.draw(colour);
  }

  hover(x, y, screenX, screenY) {
    const scene = this.scene();
    this.pointer = x >= GUTTER ? x : null;
    this.hovered = pick(scene, x, y);
    this.canvas.classList.toggle("pointing", this.hovered !== NONE || x < GUTTER || y < AXIS);
    const crowd = this.hovered === NONE ? crowdAt(scene, x, y) : null;
    if (this.hovered !== NONE) {
      fillTip(this.tip, titleOf(this.trace, this.hovered), tipLines(this.trace, this.hovered));
    } else if (crowd && crowd.counts.some((n) => n > 0)) {
      fillTip(this.tip, "messages here", crowdLines(crowd));
    } else {
      this.tip.hidden = true;
    }
    if (!this.tip.hidden) placeTip(this.tip, screenX, screenY);
    this.changed();
  }

  leave() {
    this.tip.hidden = true;
    this.hovered = NONE;
    this.pointer = null;
    this.changed();
  }

  click(x, y) {
    if (y - this.picture.scrollTop < AXIS && x >= GUTTER) {
      this.head = this.view.time(x);
      return this.changed();
    }
    if (x < GUTTER) return this.clickName(y);
    this.select(pick(this.scene(), x, y), false);
  }

  clickName(y) {
    const node = this.layout.lanes.findIndex(({ top, height }) => y >= top && y < top + height);
    if (node < 0) return;
    const word = "node:" + node;
    const words = this.element("query").value.split(/\s+/).filter(Boolean);
    const others = words.filter((one) => !one.startsWith("node:"));
    this.element("query").value = (words.includes(word) ? others : [...others, word]).join(" ");
    this.applyQuery();
  }

  select(id, reveal = true) {
    this.selected = id;
    const panel = this.element("details");
    if (id === NONE) {
      panel.hidden = true;
    } else {
      fillDetails(panel, this.trace, id, (target) => this.select(target), () => this.select(NONE));
      if (reveal) this.reveal(id);
    }
    this.showMatches();
    this.changed();
  }

  // Messages and commits by their start, long spans too: their beginning is what happened.
  reveal(id) {
    const { event } = this.trace;
    const from = event.start[id];
    const to = Math.min(event.end[id], from + this.view.span * 0.5);
    this.view.reveal(from, Math.max(from, to));
    const lane = this.layout.lanes[event.node[id]];
    if (!lane) return;
    const { scrollTop, clientHeight } = this.picture;
    if (lane.top < scrollTop || lane.barEnd > scrollTop + clientHeight) {
      this.picture.scrollTop = lane.top - clientHeight / 3;
    }
  }

  step(direction) {
    const time = direction > 0 ? this.view.from : this.view.to;
    const id = neighbour(this.trace, direction, this.selected, time);
    if (id !== NONE) this.select(id);
  }

  stepLeader(direction) {
    const { event, lists, role_names } = this.trace;
    const leader = role_names.indexOf("leader");
    const from = this.selected !== NONE ? event.start[this.selected] : (this.view.from + this.view.to) / 2;
    const leads = [...lists[ROLE].ids].filter((id) => event.kind[id] === leader &&
      (direction > 0 ? event.start[id] > from : event.start[id] < from));
    const id = direction > 0 ? leads[0] : leads[leads.length - 1];
    if (id !== undefined) this.select(id);
  }

  goToFailure() {
    const id = this.trace.lists[FAILURE].ids[0];
    if (id === undefined) return;
    const at = this.trace.event.start[id];
    const span = Math.min(this.view.span, typicalSpan(this.trace));
    this.select(id, false);
    this.view.glide(at - span * 0.8, at + span * 0.2);
  }

  focusX() {
    if (this.pointer !== null) return this.pointer;
    if (this.selected === NONE) return undefined;
    const x = this.view.x(this.trace.event.start[this.selected]);
    return x > GUTTER && x < this.layout.width ? x : undefined;
  }

  applyQuery() {
    filter.query = this.element("query").value;
    this.refilter();
  }

  refilter() {
    applyFilter(this.trace);
    this.overview.stale = true;
    this.showMatches();
    this.changed();
  }

  showMatches() {
    const { matches } = filter;
    const place = firstPlace(matches.length, (at) => matches[at] >= this.selected);
    const at = this.selected !== NONE && matches[place] === this.selected
      ? counted(place + 1) + " of " : "";
    this.element("matches").textContent = at + plural(matches.length, "event");
  }

  escape() {
    if (!this.element("help").hidden) return this.toggleHelp();
    if (this.selected !== NONE) return this.select(NONE);
    this.element("query").value = "";
    this.applyQuery();
  }

  togglePlay() {
    const playing = this.playedAt !== null;
    this.playedAt = playing ? null : performance.now();
    if (!playing && (this.head === null || this.head < this.view.from || this.head >= this.view.to ||
        this.head >= this.trace.end_us)) {
      this.head = Math.max(this.view.from, this.trace.start_us);
    }
    this.element("play").textContent = playing ? "Play" : "Pause";
    this.changed();
  }

  // The line crosses what is in sight in the chosen time; then the picture follows it.
  advancePlay(now) {
    if (this.playedAt === null) return false;
    const passed = Math.min(100, Math.max(0, now - this.playedAt));
    this.playedAt = now;
    this.head += (passed * this.view.span) / Number(this.element("speed").value);
    if (this.head >= this.trace.end_us) {
      this.head = this.trace.end_us;
      this.togglePlay();
      return false;
    }
    const edge = this.view.from + this.view.span * 0.7;
    if (this.head > edge) this.view.show(this.view.from + this.head - edge, this.view.to + this.head - edge);
    return true;
  }

  toggleHelp() {
    const help = this.element("help");
    help.hidden = !help.hidden;
    this.element("help-button").setAttribute("aria-expanded", String(!help.hidden));
  }

  toggleTheme() {
    const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    rememberTheme(theme);
    this.useTheme(theme);
  }

  useTheme(theme) {
    document.documentElement.dataset.theme = theme;
    this.colour = readPalette();
    this.overview.stale = true;
    this.changed();
  }
}

// A stretch of time in which a person can tell the messages apart.
function typicalSpan(trace) {
  const whole = trace.end_us - trace.start_us;
  const messages = trace.lists[MESSAGE].ids.length;
  return messages < 400 ? whole * 1.04 : Math.max(SHORTEST_US, (whole / messages) * 200);
}

// What to show first: how it ended, when it went wrong; else the beginning.
function firstSight(trace) {
  const span = typicalSpan(trace);
  const room = (trace.end_us - trace.start_us) * 0.02;
  if (trace.failure) return [trace.failure.time_us - span * 0.85, trace.failure.time_us + span * 0.15];
  return [trace.start_us - Math.min(room, span * 0.02), trace.start_us + span];
}

const app = new App(readTrace(document.getElementById("trace").textContent));
app.start();
