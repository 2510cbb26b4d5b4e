"use strict";

// From times and values to places in the picture.

const margin = { left: 64, right: 14 };

// The part of the run that is seen, in milliseconds, and how wide it is drawn.
class TimeScale {
  constructor(from, to, width) {
    this.from = from;
    this.to = to;
    this.left = margin.left;
    this.right = Math.max(margin.left + 50, width - margin.right);
  }
  x(ms) {
    const part = (ms - this.from) / (this.to - this.from);
    return this.left + Math.min(1, Math.max(0, part)) * (this.right - this.left);
  }
  ms(x) {
    const part = (x - this.left) / (this.right - this.left);
    return this.from + Math.min(1, Math.max(0, part)) * (this.to - this.from);
  }
  sees(from, to) {
    return to >= this.from && from <= this.to;
  }
  // Round times, about 100 pixels apart.
  ticks() {
    const wanted = (this.to - this.from) / Math.max(2, (this.right - this.left) / 100);
    const step = roundStep(wanted);
    const ticks = [];
    for (let t = Math.ceil(this.from / step) * step; t <= this.to; t += step) ticks.push(t);
    return { step, ticks };
  }
}

// 1, 2 or 5 times a power of ten, not below `wanted`.
function roundStep(wanted) {
  const power = 10 ** Math.floor(Math.log10(Math.max(wanted, 1e-9)));
  for (const factor of [1, 2, 5, 10]) {
    if (factor * power >= wanted * 0.999) return factor * power;
  }
  return 10 * power;
}

function tickText(ms, step) {
  const digits = step >= 1000 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
  return (ms / 1000).toFixed(digits) + " s";
}

class LinearScale {
  constructor(top, bottom, max) {
    this.step = roundStep(Math.max(max, 1) / 3);
    this.max = Math.ceil(Math.max(max, 1) / this.step) * this.step;
    this.top = top;
    this.bottom = bottom;
  }
  y(value) {
    return this.bottom - (value / this.max) * (this.bottom - this.top);
  }
  ticks() {
    const ticks = [];
    for (let v = 0; v <= this.max * 1.001; v += this.step) ticks.push(v);
    return ticks;
  }
}

// For latencies, which span five orders of magnitude.
class LogScale {
  constructor(top, bottom, min, max) {
    this.low = Math.floor(Math.log10(Math.max(min, 0.01)));
    this.high = Math.max(this.low + 1, Math.ceil(Math.log10(Math.max(max, 0.1))));
    this.top = top;
    this.bottom = bottom;
  }
  y(value) {
    const part = (Math.log10(Math.max(value, 10 ** this.low)) - this.low) / (this.high - this.low);
    return this.bottom - part * (this.bottom - this.top);
  }
  ticks() {
    const ticks = [];
    for (let e = this.low; e <= this.high; ++e) ticks.push(10 ** e);
    return ticks;
  }
}
