"use strict";

// Words and numbers for people. What a trace says reaches the page as text only: nothing here or
// elsewhere ever makes markup of it.

// Signs that cannot be seen, or that turn the text around, become visible.
function shown(text) {
  return String(text)
    .replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "\ufffd");
}

function shortened(text, length) {
  return text.length <= length ? text : text.slice(0, length - 1) + "…";
}

function counted(n) {
  return n.toLocaleString("en");
}

function plural(n, word) {
  return counted(n) + " " + word + (n === 1 ? "" : "s");
}

// A point in time, to the microsecond: "204.517 ms", "3.204 517 s".
function timeText(us) {
  const sign = us < 0 ? "−" : "";
  const whole = Math.round(Math.abs(us));
  if (whole < 1e6) return sign + (whole / 1e3).toFixed(3) + " ms";
  const digits = String(whole % 1e6).padStart(6, "0");
  return sign + counted(Math.floor(whole / 1e6)) + "." + digits.slice(0, 3) + " " +
    digits.slice(3) + " s";
}

// How long something took, to three digits: "204 µs", "1.2 ms".
function durationText(us) {
  const rounded = (value) => String(Number(value.toPrecision(3)));
  if (us < 0) return "−" + durationText(-us);
  if (us < 1000) return rounded(us) + " µs";
  if (us < 1e6) return rounded(us / 1e3) + " ms";
  if (us < 120e6) return rounded(us / 1e6) + " s";
  return rounded(us / 60e6) + " min";
}

// The label of a mark on the time axis, with as many digits as marks `step` apart need.
function tickText(us, step) {
  if (step < 1e5 && Math.abs(us) < 1e6) {
    return (us / 1e3).toFixed(step >= 1e3 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3) + " ms";
  }
  const digits = step >= 1e6 ? 0 : Math.min(6, Math.ceil(6 - Math.log10(step) - 1e-9));
  const text = (us / 1e6).toFixed(digits);
  const [whole, part] = text.split(".");
  if (!part) return whole + " s";
  return whole + "." + part.replace(/(\d{3})(?=\d)/g, "$1 ") + " s";
}

// An element with text in it; the only way in which this page makes elements.
function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "text") element.textContent = value;
    else if (name === "className") element.className = value;
    else if (name === "onclick") element.addEventListener("click", value);
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}
