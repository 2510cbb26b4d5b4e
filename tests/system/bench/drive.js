// Runs behind the scripts of the page of a measurement, in a real browser: does what a person would
// do, by the events that a person causes, and writes what did not come out as it should into the page.

"use strict";

const said = [];
function expect(what, actual, expected = true) {
  const same = JSON.stringify(actual) === JSON.stringify(expected);
  said.push(same ? "fine: " + what
    : "WRONG: " + what + ": " + JSON.stringify(actual) + ", not " + JSON.stringify(expected));
}

const words = (id) => byId(id).textContent;
const rows = (id) => byId(id).querySelectorAll("tbody tr");
const texts = (id) => [...byId(id).querySelectorAll("text")].map((text) => text.textContent);

function press(id, key) {
  byId(id).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

function point(id, type, part) {
  const box = byId(id).getBoundingClientRect();
  byId(id).dispatchEvent(new PointerEvent(type, {
    clientX: box.left + box.width * part, clientY: box.top + 60, bubbles: true }));
}

function checkWords() {
  expect("the load is told", words("facts").includes("get, 64 clients, 1 in flight each"));
  expect("the cards have the figures", words("cards").includes("1,000operations a second"));
  expect("and the tail", /1 ms99.9 % are faster/.test(words("cards")));
  expect("nodes and the tool are listed", rows("nodes").length, 3);
  expect("who leads is told", rows("nodes")[0].textContent.includes("node 1, leader"));
  expect("who is silent, too", rows("nodes")[1].textContent.includes("does not answer"));
  expect("the tool's share is told", rows("nodes")[2].textContent.includes("20 % of what the leader used"));
  expect("only outcomes that there were", rows("outcomes").length, 3);
  expect("how the loop counts is told", words("loop").includes("their latency counts from then"));
  expect("the command is shown", words("command").startsWith("raftkv bench --start 3 --op get"));
  expect("nothing is alarming", byId("banner").hidden);
}

function checkPictures() {
  expect("rate and latency are drawn",
         ["Operations a second", "Latency"].every((title) => texts("charts").includes(title)));
  expect("answers and errors have bars", byId("charts").querySelectorAll(".bars rect").length, 3);
  expect("three lines of latency", byId("charts").querySelectorAll("path.line").length, 3);
  expect("a curve", byId("curve").querySelectorAll("path.line").length, 1);
  expect("to one in a thousand", texts("curve").filter((text) => /^p|fastest/.test(text)),
         ["fastest", "p90", "p99", "p99.9"]);
}

function checkPointing() {
  point("charts", "pointermove", 0.9);
  expect("pointing shows details", byId("tip").hidden, false);
  expect("of that time", words("tip").includes("6,000 operations a second"));
  expect("with its errors", words("tip").includes("3 errors"));
  expect("it is said for readers of screens, too", words("at").includes("6,000 operations"));
  point("charts", "pointerleave", 0.9);
  expect("they go away", byId("tip").hidden);
  press("charts", "ArrowLeft");
  expect("an arrow moves back", words("at").includes("4,000 operations"));
  point("curve", "pointermove", 0.99);
  expect("the curve tells of its end", words("curve-at").startsWith("p99.9"));
  press("curve", "ArrowLeft");
  expect("an arrow moves along it", words("curve-at").includes("one in 749.9"));
}

function checkTheme() {
  const paper = () => getComputedStyle(document.body).backgroundColor;
  const before = paper();
  byId("theme-button").click();
  expect("the theme changes", paper() !== before);
}

const scenarios = {
  measured() {
    checkWords();
    checkPictures();
    checkPointing();
    checkTheme();
  },
  empty() {
    expect("there is no picture", [byId("time").hidden, byId("latency").hidden], [true, true]);
    expect("and no outcome", words("outcomes").includes("Nothing was answered"));
    expect("a closed loop says so", words("loop").includes("nobody comes"));
  },
  hostile() {
    expect("the title is not taken", document.title.includes("taken"), false);
    expect("the text is shown", words("command").includes("<script>"));
    expect("the hint, too", words("banner").includes("<script>"));
  },
};

function drive(name) {
  try {
    scenarios[name]();
    expect("nothing was loaded", performance.getEntriesByType("resource").length, 0);
    expect("no script failed", wrongs, []);
  } catch (error) {
    said.push("WRONG: " + error.stack);
  }
  said.push("end of the list");
  const pre = document.createElement("pre");
  pre.id = "said";
  pre.textContent = said.join("\n");
  document.body.append(pre);
}
