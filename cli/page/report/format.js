"use strict";

// Words and numbers for people. What a report says reaches the page as text only: nothing here or
// elsewhere ever makes markup of it.

// Signs that cannot be seen, or that turn the text around, become visible.
function shown(text) {
  return String(text)
    .replace(/[\u0000-\u0009\u000b-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "\ufffd");
}

function counted(n) {
  return Number(n).toLocaleString("en");
}

// A point in time: "12.34 s".
function timeText(ms) {
  return (ms / 1000).toFixed(2) + " s";
}

// How long something took, to three digits: "0.2 ms", "340 ms", "1.2 s".
function durationText(ms) {
  if (ms < 1) return Number(ms.toPrecision(2)) + " ms";
  if (ms < 1000) return Number(ms.toPrecision(3)) + " ms";
  return Number((ms / 1000).toPrecision(3)) + " s";
}

function nodeNames(nodes, all) {
  if (nodes.length === 0) return "—";
  if (nodes.length === all) return "all";
  return nodes.join(", ");
}

// An element with text in it; the only way in which this page makes elements.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children) element.append(child instanceof Node ? child : shown(child));
  return element;
}

function drawn(tag, attributes = {}, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, typeof value === "number" ? Math.round(value * 100) / 100 : value);
  }
  if (text !== undefined) element.textContent = shown(text);
  return element;
}

const byId = (id) => document.getElementById(id);
