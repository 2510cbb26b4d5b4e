// The stretch of time that the picture shows.

const SHORTEST_US = 4;

class View {
  constructor(trace, whenChanged) {
    this.start = trace.start_us;
    this.end = trace.end_us;
    this.from = this.start;
    this.to = this.end;
    this.left = 0;   // pixels
    this.width = 1;
    this.goal = null;
    this.whenChanged = whenChanged;
  }

  get span() { return this.to - this.from; }
  x(time) { return this.left + ((time - this.from) / this.span) * this.width; }
  time(x) { return this.from + ((x - this.left) / this.width) * this.span; }
  pixels(us) { return (us / this.span) * this.width; }

  place(left, width) {
    this.left = left;
    this.width = Math.max(1, width);
  }

  // A little room on both sides, and never out of sight.
  limited(from, to) {
    const room = (this.end - this.start) * 0.02;
    const span = Math.min(Math.max(to - from, SHORTEST_US), this.end - this.start + 2 * room);
    const middle = (from + to) / 2;
    const first = Math.min(Math.max(middle - span / 2, this.start - room), this.end + room - span);
    return [first, first + span];
  }

  show(from, to) {
    this.goal = null;
    [this.from, this.to] = this.limited(from, to);
    this.whenChanged();
  }

  // The same, seen to move there.
  glide(from, to) {
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return this.show(from, to);
    this.goal = { from: this.limited(from, to), was: [this.from, this.to], since: null };
    this.whenChanged();
  }

  // Called once a frame; says whether there is more to come.
  advance(now) {
    if (!this.goal) return false;
    const { goal } = this;
    goal.since = goal.since ?? now;
    const part = Math.min(1, (now - goal.since) / 220);
    const eased = 1 - (1 - part) ** 3;
    this.from = goal.was[0] + (goal.from[0] - goal.was[0]) * eased;
    this.to = goal.was[1] + (goal.from[1] - goal.was[1]) * eased;
    if (part === 1) this.goal = null;
    return part < 1;
  }

  zoom(factor, x = this.left + this.width / 2) {
    const fixed = this.time(x);
    this.show(fixed - (fixed - this.from) * factor, fixed + (this.to - fixed) * factor);
  }

  pan(us) {
    this.show(this.from + us, this.to + us);
  }

  fit() {
    const room = (this.end - this.start) * 0.02;
    this.glide(this.start - room, this.end + room);
  }

  // Brings a stretch of time into sight, and leaves the picture where it is if it is.
  reveal(from, to) {
    const margin = this.span * 0.08;
    if (from >= this.from + margin && to <= this.to - margin) return;
    const span = Math.max(this.span, (to - from) * 1.5);
    const middle = (from + to) / 2;
    this.glide(middle - span / 2, middle + span / 2);
  }
}
