// Runs behind the scripts of a trace's page, in a real browser: does what a person would do, by the
// events that a person causes, and writes what did not come out as it should into the page.

"use strict";

const said = [];
function expect(what, actual, expected = true) {
  const same = JSON.stringify(actual) === JSON.stringify(expected);
  said.push(same ? "fine: " + what
    : "WRONG: " + what + ": " + JSON.stringify(actual) + ", not " + JSON.stringify(expected));
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(what, holds) {
  for (let i = 0; i < 100 && !holds(); ++i) await pause(20);
  expect(what, Boolean(holds()));
}

function press(key, target = document.body, more = {}) {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
}

function point(type, canvas, x, y) {
  const box = canvas.getBoundingClientRect();
  canvas.dispatchEvent(new PointerEvent(type, { clientX: box.left + x, clientY: box.top + y,
    button: 0, pointerId: 1, bubbles: true, isPrimary: true }));
}

function click(canvas, x, y) {
  point("pointerdown", canvas, x, y);
  point("pointerup", canvas, x, y);
}

function drag(canvas, x, y, dx) {
  point("pointerdown", canvas, x, y);
  point("pointermove", canvas, x + dx / 2, y);
  point("pointermove", canvas, x + dx, y);
  point("pointerup", canvas, x + dx, y);
}

function button(text, within = document) {
  return [...within.querySelectorAll("button")].find((one) => one.textContent.startsWith(text));
}

const element = (name) => document.getElementById(name);
const words = (name) => element(name).textContent;
const raw = () => JSON.parse(words("trace"));
const near = (a, b, most) => Math.abs(a - b) <= most;

// The colour of the picture at a place, as the style sheet writes it.
function colourAt(x, y) {
  const { data } = app.canvas.getContext("2d").getImageData(x * app.scale, y * app.scale, 1, 1);
  return "#" + [...data.slice(0, 3)].map((c) => c.toString(16).padStart(2, "0")).join("");
}

function type(text) {
  element("query").value = text;
  element("query").dispatchEvent(new Event("input", { bubbles: true }));
}

async function search(text, count) {
  type(text);
  await until("'" + text + "' finds " + count, () => words("matches") === counted(count) + " events");
}

async function checkMoving() {
  const { view, canvas } = app;
  press("f");
  await until("f shows the whole run", () => view.from <= raw().start_us && view.to >= raw().end_us);
  const fixed = view.time(600), whole = view.span;
  canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: -300, cancelable: true,
    clientX: canvas.getBoundingClientRect().left + 600, clientY: 400 }));
  expect("the wheel zooms in", view.span < whole * 0.7);
  expect("what is under the pointer stays there", near(view.time(600), fixed, 1));
  const from = view.from, grabbed = view.time(600);
  drag(canvas, 600, 300, -100);
  expect("dragging moves", view.from > from);
  expect("the picture follows the hand", near(view.time(500), grabbed, 1));
  const before = view.from;
  press("ArrowLeft");
  expect("an arrow key moves back", view.from < before);
  const span = view.span;
  press("+");
  expect("+ zooms in", view.span < span);
  press("-");
  expect("- zooms out again", near(view.span, span, 1));
  const dragged = view.from;
  drag(app.overview.canvas, app.overview.x((view.from + view.to) / 2), 20, 60);
  expect("the window of the strip can be dragged", view.from > dragged);
  click(app.overview.canvas, app.overview.x(raw().start_us) + 2, 20);
  expect("a click on the strip goes there", view.from <= raw().start_us);
}

async function checkFilter() {
  const { messages } = raw();
  press("/");
  expect("/ goes to the filter", document.activeElement === element("query"));
  const appends = messages.filter((row) => row[2] === 0 && row[4] <= 1);
  await search("from:0 kind:append", appends.length);
  await search("from:0 kind:append -lost", appends.filter((row) => row[6] === null).length);
  await search("term:2 kind:vote from:3", messages.filter((row) => row[5] === 2 && row[2] === 3 &&
    row[4] >= 4 && row[4] <= 7).length);
  const texts = raw().texts;
  await search('"entry 5 after"', messages.filter((row) => texts[row[7]].startsWith("entry 5 after")).length);
  press("Enter", element("query"));
  expect("Enter goes to the first", words("matches").startsWith("1 of "));
  document.activeElement.blur();
  press("j");
  expect("j goes to the next", words("matches").startsWith("2 of "));
  expect("its details are shown", words("details").includes("entry 5 after 4 of term 1"));
  press("k");
  expect("k goes back", words("matches").startsWith("1 of "));
  press("Escape");
  expect("Escape closes the details", element("details").hidden);
  expect("and nothing is counted as chosen", words("matches").includes(" of "), false);
  press("Escape");
  expect("Escape clears the filter", element("query").value, "");
  const all = filter.matches.length;
  button("append", element("chips")).click();
  expect("a kind can be switched off", filter.matches.length,
    all - messages.filter((row) => row[4] <= 1).length);
  button("append", element("chips")).click();
  button("only lost", element("chips")).click();
  expect("only the lost messages stay", filter.matches.length,
    all - messages.filter((row) => row[6] === null).length);
  button("only lost", element("chips")).click();
  click(app.canvas, 40, app.layout.lanes[3].bar + 5);
  expect("a click on a name filters", element("query").value, "node:3");
  click(app.canvas, 40, app.layout.lanes[3].bar + 5);
  expect("another one undoes it", element("query").value, "");
}

async function checkEvents() {
  const { event, lists } = app.trace;
  const first = lists[MESSAGE].ids[0];
  app.view.show(event.start[first] - 300, event.start[first] + 2500);
  await pause(60);
  const line = lineOf(app.scene(), first);
  const x = line.x0 + (line.x1 - line.x0) * 0.8, y = line.y0 + (line.y1 - line.y0) * 0.8;
  point("pointermove", app.canvas, x, y);
  expect("a message says what it is", words("tip").startsWith("pre-vote, node 0 → node 1"));
  click(app.canvas, x, y);
  expect("a click pins it", words("details").startsWith("pre-vote, node 0 → node 1"));
  expect("and says what it carried", words("details").includes("log ends with 0 of term 0"));
  button("next reply", element("details")).click();
  expect("a link leads on", words("details").startsWith("pre-vote reply, node 1 → node 0"));
  press("n");
  expect("n goes to the next leader", words("details").startsWith("node 0: leader in term 1"));
  const cut = lists[MESSAGE].ids.find((id) => event.lost[id] === 1);
  app.select(cut);
  expect("a lost message says why", words("details").includes("the link between the two was cut"));
  press("Escape");
}

async function checkDrawing() {
  const { view, layout, trace } = app;
  const led = trace.rolesOf[0].ids.find((id) => trace.event.kind[id] === 3);
  view.show(trace.event.start[led], trace.event.end[led]);
  await pause(60);
  expect("a leader has its colour", colourAt(layout.width - 60, layout.lanes[0].bar + 3),
    app.colour("--leader"));
  press("x");
  await until("x goes to the failure", () => view.goal === null && view.to > trace.failure.time_us);
  await pause(60);
  expect("the failure is a red line", colourAt(view.x(trace.failure.time_us), layout.lanes[1].bar - 30),
    app.colour("--failure"));
  const light = app.colour("--paper");
  button("Theme").click();
  await pause(60);
  expect("the theme changes", app.colour("--paper") !== light);
  expect("and the picture with it", colourAt(GUTTER + 3, layout.lanes[0].barEnd + 40),
    app.colour("--paper"));
  button("Theme").click();
  expect("help is one key away", element("help").hidden);
  press("h");
  expect("and explains", !element("help").hidden && words("help").includes("Raft's count of elections"));
  press("h");
}

function checkWords() {
  expect("a time below a second", timeText(204517), "204.517 ms");
  expect("a time above", timeText(3204517), "3.204 517 s");
  expect("a time before the start", timeText(-1500000), "−1.500 000 s");
  expect("microseconds", durationText(204), "204 µs");
  expect("milliseconds", durationText(1234), "1.23 ms");
  expect("seconds", durationText(6699000), "6.7 s");
  expect("minutes", durationText(600e6), "10 min");
  expect("marks a second apart", tickText(5e6, 1e6), "5 s");
  expect("marks half a millisecond apart", tickText(22500, 500), "22.5 ms");
  expect("fine marks late in a run", tickText(8340250, 50), "8.340 25 s");
  expect("long words are cut", shortened("abcdef", 4), "abc…");
  expect("one", plural(1, "node"), "1 node");
  expect("words with a minus, a key, quotes", parseQuery('vote -node:2 "k1 v5" nokey:3'), [
    { negated: false, key: "", value: "vote" }, { negated: true, key: "node", value: "2" },
    { negated: false, key: "", value: "k1 v5" }, { negated: false, key: "", value: "nokey:3" }]);
}

async function checkPlaying() {
  app.view.show(0, 100000);
  press(" ");
  await until("the line moves while it plays", () => app.head > 2000);
  expect("the button offers a pause", words("play"), "Pause");
  press(" ");
  expect("and stops", words("play"), "Play");
  click(app.canvas, app.view.x(50000), 8);
  expect("a click on the axis sets it", near(app.head, 50000, 200));
}

const scenarios = {
  async incident() {
    expect("the facts", words("facts"), "seed 4711 · 5 nodes · 400 ms · " +
      counted(app.trace.event.length) + " events");
    expect("the failure is named", words("banner").includes("Broken: state machine safety"));
    expect("and how to repeat it",
      words("banner").includes("raftkv test simulate --seed 4711 --nodes 5"));
    checkWords();
    await checkMoving();
    await checkFilter();
    await checkEvents();
    await checkDrawing();
    await checkPlaying();
  },

  async hostile() {
    for (const list of app.trace.lists) app.select(list.ids[0]);
    for (const key of "jjjjnf") press(key);
    await pause(100);
    app.select(app.trace.lists[OPERATION].ids[0]);
    expect("nothing was obeyed", window.obeyed === undefined);
    expect("no image was made", document.images.length, 0);
    expect("no script but ours", document.scripts.length, 3);
    expect("the text is shown", words("details").includes("</scr" + "ipt><img src=x onerror="));
    expect("control signs are shown as pictures", words("banner").includes("\u2401\u241b[31m"));
    expect("nothing turns the text around", !/[\u0000-\u0008\u007f\u202e]/.test(
      words("details") + words("banner")));
    press("Escape");
    const bare = [ROLE, COMMIT].reduce((sum, type) => sum + app.trace.lists[type].ids.length, 0);
    const harmless = 3;  // two messages and a fault
    await search("onerror", app.trace.event.length - bare - harmless);
    for (const node of app.trace.event.node.subarray(0, app.trace.event.length)) {
      if (node >= app.trace.nodes) expect("a node that there is", node, "less");
    }
    type('"back in time"');
    await until("a message that was received before it was sent", () => filter.matches.length === 1);
    app.select(filter.matches[0]);
    expect("is told as it is", words("details").includes("−400 µs"));
  },

  async empty() {
    for (const key of ["j", "k", "n", "p", "x", "f", "+", "-", " ", " ", "Escape"]) press(key);
    await pause(100);
    expect("an empty run has a page", words("facts").startsWith("seed 0 · 0 nodes"));
    expect("without a failure", element("banner").hidden);
  },

  async large() {
    expect("it is large", app.trace.event.length > 200000);
    press("f");
    await until("f shows all of it", () => app.view.goal === null && app.lastScene.crowded);
    await pause(60);
    const { layout, view } = app;
    const between = (layout.lanes[0].barEnd + layout.lanes[1].bar) / 2;
    point("pointermove", app.canvas, view.x(app.trace.end_us / 2 + 20000), between);
    expect("a crowd of messages is counted", /messages here.*append.*zoom in/.test(words("tip")));
    view.show(app.trace.end_us / 2, app.trace.end_us / 2 + 20000);
    await until("a part of it is drawn arrow by arrow", () => !app.lastScene.crowded);
  },
};

// A browser without a screen may come to draw nothing any more; here it draws all the same.
function drawWithoutScreen() {
  window.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 5);
  app.requested = false;
  app.changed();
}

async function drive() {
  const errors = [];
  drawWithoutScreen();
  window.addEventListener("error", (e) => errors.push(e.message));
  window.addEventListener("unhandledrejection", (e) => errors.push(String(e.reason)));
  try {
    await scenarios[document.documentElement.dataset.scenario]();
  } catch (e) {
    errors.push(e.stack);
  }
  expect("no errors", errors, []);
  expect("nothing was loaded", performance.getEntriesByType("resource").length, 0);
  const list = document.createElement("pre");
  list.id = "said";
  list.textContent = said.join("\n") + "\nend of the list";
  document.body.replaceChildren(list);
}
