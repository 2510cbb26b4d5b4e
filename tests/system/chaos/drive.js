// Runs behind the scripts of a report's page, in a real browser: does what a person would do, by
// the events that a person causes, and writes what did not come out as it should into the page.

"use strict";

const said = [];
function expect(what, actual, expected = true) {
  const same = JSON.stringify(actual) === JSON.stringify(expected);
  said.push(same ? "fine: " + what
    : "WRONG: " + what + ": " + JSON.stringify(actual) + ", not " + JSON.stringify(expected));
}

const words = (id) => byId(id).textContent;
const rows = (id) => byId(id).querySelectorAll("tbody tr");
const charts = () => byId("charts");
const axis = () => [...charts().querySelectorAll("text")].map((text) => text.textContent)
  .filter((text) => /^[0-9.]+ s$/.test(text));

function press(key) {
  charts().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

function point(type, x, y, target = charts()) {
  const box = charts().getBoundingClientRect();
  target.dispatchEvent(new PointerEvent(type, { clientX: box.left + x, clientY: box.top + y,
    button: 0, bubbles: true }));
}

function checkWords() {
  expect("the verdict is shown", words("verdict"), "passed");
  expect("nothing is alarming", byId("banner").hidden);
  expect("the seed is shown", words("facts").includes("seed 42"));
  expect("all faults are listed", rows("faults").length, 6);
  expect("what a fault did is told", rows("faults")[0].textContent.includes("24.3 ms"));
  expect("a fault that was not done says so", rows("faults")[4].textContent.includes("not done"));
  expect("what took the quorum says so", rows("faults")[5].textContent.includes("no majority"));
  expect("the time without a write is listed", rows("windows").length, 1);
  expect("and what happened meanwhile", rows("windows")[0].textContent.includes("isolate node 1"));
  expect("the command is shown", words("command"), "raftkv test chaos --seed 42 --seconds 10");
  expect("versions are shown", words("versions").includes("0.1.0"));
}

function checkPicture() {
  const texts = [...charts().querySelectorAll("text")].map((text) => text.textContent);
  expect("each node has a lane", ["node 0", "node 1", "node 2"].every((n) => texts.includes(n)));
  expect("terms are told", texts.includes("term 2"));
  expect("the whole run is seen", [axis()[0], axis().at(-1)], ["0 s", "10 s"]);
  expect("faults are drawn", charts().querySelectorAll(".fault").length >= 8);
  expect("the gap is drawn in both charts", charts().querySelectorAll(".gap").length, 2);
}

function checkPointing() {
  const middle = charts().clientWidth / 2;
  point("pointermove", middle, 60);
  expect("pointing shows details", byId("tip").hidden, false);
  expect("who leads is told", /leads in term/.test(words("tip")));
  expect("it is said for readers of screens, too", words("at").includes("leads in term"));
  point("pointerleave", middle, 60);
  expect("they go away", byId("tip").hidden);
  point("pointerdown", middle, 60);
  point("pointermove", middle + 100, 60);
  point("pointerup", middle + 100, 60);
  expect("dragging shows a part", axis()[0] !== "0 s");
  charts().dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
  expect("a double-click shows all again", axis()[0], "0 s");
}

function checkKeys() {
  press("n");
  expect("n shows the first fault", charts().querySelectorAll(".chosen").length, 1);
  expect("and what it was", words("at").includes("kill node 0 (leader)"));
  press("p");
  expect("p goes to the last", words("at").includes("all disks are full"));
  press("0");
  expect("0 shows the whole run", axis()[0], "0 s");
  const before = words("at");
  press("ArrowRight");
  expect("an arrow moves", words("at") !== before);
  press("+");
  press("+");
  expect("+ shows less", axis().at(-1) !== "10 s");
  press("-");
  press("-");
  press("-");
  expect("- shows more", axis().at(-1), "10 s");
  rows("faults")[2].dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  expect("Enter opens a fault of the list", words("at").includes("isolate node 1"));
  rows("windows")[0].click();
  expect("a click opens a time without a write", words("at").includes("no write was acknowledged"));
}

function checkTheme() {
  const paper = () => getComputedStyle(document.body).backgroundColor;
  const before = paper();
  byId("theme-button").click();
  expect("the theme changes", paper() !== before);
}

const scenarios = {
  passed() {
    checkWords();
    checkPicture();
    checkPointing();
    checkKeys();
    checkTheme();
  },
  failed() {
    expect("the verdict is shown", words("verdict"), "failed");
    expect("the reason comes first", words("banner").includes("no order of the operations of key k"));
    expect("it is seen", byId("banner").hidden, false);
    expect("the folder is told", words("banner").includes("/tmp/raftkv-test-a1b2c3"));
    expect("what was not run is told", words("checks").includes("not run"));
  },
  empty() {
    expect("the verdict is shown", words("verdict"), "not run");
    expect("there is no picture", byId("picture").hidden);
    expect("and no fault", words("faults").includes("Nothing went wrong"));
  },
  hostile() {
    expect("the title is not taken", document.title.includes("taken"), false);
    expect("no text has become an element", document.querySelectorAll("img").length, 0);
    expect("it is shown as it is", words("banner").includes("<" + "/script><img src=x onerror="));
    expect("signs that cannot be seen are shown", words("banner").includes("\u2401"));
    point("pointermove", charts().clientWidth / 4, 60);
    press("n");
    expect("also where one points", document.querySelectorAll("img").length, 0);
  },
};

function drive(scenario) {
  try {
    scenarios[scenario]();
    expect("nothing was loaded", performance.getEntriesByType("resource").length, 0);
    expect("no script failed", wrongs, []);
  } catch (error) {
    said.push("WRONG: " + error.stack);
  }
  said.push("end of the list");
  const list = document.createElement("pre");
  list.id = "said";
  list.textContent = said.join("\n");
  document.body.append(list);
}
