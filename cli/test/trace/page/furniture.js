// What stands around the picture: facts, the failure, switches, the legend, the theme.

function fillFacts(app) {
  const { trace } = app;
  const facts = ["seed " + trace.seed, plural(trace.nodes, "node"),
    durationText(trace.end_us - trace.start_us), plural(trace.event.length, "event")];
  if (trace.truncated) facts.push("recorded from " + timeText(trace.start_us) + " on");
  app.element("facts").textContent = facts.join(" · ");
  document.title = "raftkv: a run, seed " + trace.seed;
}

function commandLine(command) {
  const code = make("code", { text: shown(command) });
  const copy = make("button", { text: "Copy", onclick: () => {
    getSelection().selectAllChildren(code);
    navigator.clipboard?.writeText(command).then(() => (copy.textContent = "Copied"), () => {});
  } });
  return make("p", { className: "command" }, make("span", { text: "Repeat it:" }), code, copy);
}

function fillBanner(app) {
  const { failure, command } = app.trace;
  const banner = app.element("banner");
  if (!failure) {
    if (command) app.element("facts").append(" · ", make("code", { text: shown(command) }));
    return;
  }
  const where = failure.node === null ? "" : " on " + nodeName(failure.node);
  banner.append(
    make("p", { className: "invariant", text: "Broken: " + shown(failure.invariant) }),
    make("p", { text: shown(failure.message) + " (" + timeText(failure.time_us) + where + ")" }),
    commandLine(command));
  banner.lastChild.append(make("button", { text: "Go there", title: "x", onclick: () => app.goToFailure() }));
  banner.hidden = false;
}

function chip(text, colour, pressed, whenToggled, kind = "chip") {
  const button = make("button", { className: kind, text, "aria-pressed": String(pressed),
    style: "--swatch: var(" + colour + ")" });
  button.addEventListener("click", () => {
    const now = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(now));
    whenToggled(now);
  });
  return button;
}

function fillChips(app) {
  const { event } = app.trace;
  const counts = new Array(GROUPS.length).fill(0);
  for (let i = 0; i < event.length; ++i) ++counts[event.group[i]];
  const chips = app.element("chips");
  GROUPS.forEach(({ name, colour }, group) => {
    if (counts[group] === 0) return;
    chips.append(chip(name + " " + counted(counts[group]), colour, true, (on) => {
      if (on) filter.off.delete(group);
      else filter.off.add(group);
      app.refilter();
    }));
  });
  chips.append(
    chip("replies", "--quiet", filter.replies, (on) => {
      filter.replies = on;
      app.refilter();
    }),
    chip("only lost messages", "--lost", filter.onlyLost, (on) => {
      filter.onlyLost = on;
      app.refilter();
    }, "chip option"));
}

function fillLegend(app) {
  const legend = app.element("legend");
  const entry = (text, style, className = "") =>
    legend.append(make("span", {}, make("i", { style, className }), text));
  for (const name of app.trace.role_names) entry(name, "background: var(--" + name + ")");
  for (const { name, colour } of GROUPS.slice(0, MESSAGE_GROUPS - 1)) {
    entry(name, "border-color: var(" + colour + ")", "stroke");
  }
  entry("reply", "border-color: var(--append)", "stroke dashed");
  entry("lost", "border-color: var(--lost)", "stroke dashed");
  entry("commit", "background: var(--commit)");
  entry("disk", "background: var(--disk)");
  entry("fault", "background: var(--fault)");
  entry("client: answered", "background: var(--client)");
  entry("refused", "background: var(--client-refused)");
  entry("no reply", "background: var(--client-unknown)");
}

function darkWished() {
  return window.matchMedia("(prefers-color-scheme: dark)").matches;
}

// A browser may keep nothing for a file; then the theme is what the system wishes.
function localStorageTheme() {
  try {
    const theme = localStorage.getItem("raftkv-theme");
    return theme === "dark" || theme === "light" ? theme : null;
  } catch {
    return null;
  }
}

function rememberTheme(theme) {
  try {
    localStorage.setItem("raftkv-theme", theme);
  } catch {
    // Then it lasts as long as the page.
  }
}

// The event that was clicked, or is under the pointer, drawn once more on top of all others.
function drawPinned(scene, id, width) {
  if (id === NONE) return;
  const { g, view, layout, trace, colour } = scene;
  const { event } = trace;
  g.strokeStyle = colour("--accent");
  g.lineWidth = width;
  const [x, w] = stretch(scene, event.start[id], event.end[id], 4);
  const lane = layout.lanes[event.node[id]];
  switch (event.type[id]) {
    case MESSAGE: return strokePinned(scene, id, width);
    case ROLE: return g.strokeRect(x, lane.bar - 2, w, BAR + 4);
    case COMMIT: return g.strokeRect(view.x(event.start[id]) - 6, lane.bar - 13, 12, 12);
    case DISK: return g.strokeRect(x, lane.barEnd + 1, w, 8);
    case OPERATION:
      strokeRequest(scene, id);
      return g.strokeRect(x, clientRowTop(layout, trace, event.client[id]) - 1, w, layout.clients.row - 1);
    case FAULT:
      return g.strokeRect(x, layout.faults.top + scene.faults.rows.get(id) * FAULT_ROW - 1, w, FAULT_ROW - 1);
    default:
      return g.strokeRect(view.x(event.start[id]) - 5, lane ? lane.bar - 21 : AXIS + 2, 14, 12);
  }
}

function strokePinned(scene, id, width) {
  if (scene.trace.event.node[id] === scene.trace.event.peer[id]) return;
  const { g } = scene;
  const line = lineOf(scene, id);
  const path = new Path2D();
  path.moveTo(line.x0, line.y0);
  path.lineTo(line.x1, line.y1);
  g.stroke(path);
  const head = new Path2D();
  arrowHead(head, line, 8 + width);
  g.fillStyle = g.strokeStyle;
  if (scene.trace.event.lost[id] === NONE) g.fill(head);
}

// The thin line of playing.
function drawHead(scene) {
  const { g, view, layout, colour } = scene;
  if (scene.head === null) return;
  const x = view.x(scene.head);
  if (x < view.left) return;
  g.fillStyle = colour("--accent");
  g.fillRect(x - 0.5, AXIS, 1.5, layout.height);
}
