// Mouse, wheel, keys and buttons.

const CLICK_PIXELS = 4;  // a pointer that moved further has dragged

function placeTip(tip, x, y) {
  const left = x + 16 + tip.offsetWidth > window.innerWidth ? x - 12 - tip.offsetWidth : x + 16;
  const top = y + 18 + tip.offsetHeight > window.innerHeight ? y - 10 - tip.offsetHeight : y + 18;
  tip.style.left = Math.max(4, left) + "px";
  tip.style.top = Math.max(4, top) + "px";
}

// The picture: drag moves, a click pins, on the axis it sets the thin line, on a name it filters.
function listenToPicture(app) {
  const { canvas, view } = app;
  let held = null;
  const position = (e) => {
    const box = canvas.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (e) => {
    if (e.button !== 0) return;
    const [x, y] = position(e);
    held = { x, y, from: view.from, to: view.to, scroll: app.picture.scrollTop, screenY: e.clientY,
      moved: false };
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener("pointermove", (e) => {
    const [x, y] = position(e);
    if (!held) return app.hover(x, y, e.clientX, e.clientY);
    if (!held.moved && Math.hypot(x - held.x, e.clientY - held.screenY) < CLICK_PIXELS) return;
    held.moved = true;
    canvas.classList.add("dragging");
    app.leave();
    app.picture.scrollTop = held.scroll - (e.clientY - held.screenY);
    const us = ((x - held.x) / view.width) * (held.to - held.from);
    view.show(held.from - us, held.to - us);
  });
  canvas.addEventListener("pointerup", (e) => {
    const clicked = held && !held.moved;
    held = null;
    canvas.classList.remove("dragging");
    if (clicked) app.click(...position(e));
  });
  canvas.addEventListener("pointercancel", () => {
    held = null;
    canvas.classList.remove("dragging");
  });
  canvas.addEventListener("pointerleave", () => app.leave());
  canvas.addEventListener("dblclick", (e) => view.zoom(0.4, position(e)[0]));
  canvas.addEventListener("wheel", (e) => {
    e.preventDefault();
    const unit = e.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
      view.pan((((e.deltaX || e.deltaY) * unit) / view.width) * view.span);
    } else {
      view.zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY * unit * 0.0022))), position(e)[0]);
    }
    app.hover(...position(e), e.clientX, e.clientY);
  }, { passive: false });
}

// The strip: drag the window or one of its edges; a click elsewhere brings the window there.
function listenToOverview(app) {
  const { overview, view } = app;
  const { canvas } = overview;
  const at = (e) => e.clientX - canvas.getBoundingClientRect().left;
  let held = null;
  canvas.addEventListener("pointerdown", (e) => {
    const x = at(e);
    let part = overview.part(x);
    if (!part) {
      const middle = overview.time(x);
      view.show(middle - view.span / 2, middle + view.span / 2);
      part = "inside";
    }
    held = { part, time: overview.time(x), from: view.from, to: view.to };
    canvas.setPointerCapture(e.pointerId);
  });
  canvas.addEventListener("pointermove", (e) => {
    if (!held) {
      const part = overview.part(at(e));
      canvas.style.cursor = part === "from" || part === "to" ? "ew-resize" : part ? "grab" : "pointer";
      return;
    }
    const moved = overview.time(at(e)) - held.time;
    const from = held.part === "to" ? held.from : held.from + moved;
    const to = held.part === "from" ? held.to : held.to + moved;
    if (to - from > SHORTEST_US) view.show(from, to);
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (held = null));
  canvas.addEventListener("wheel", (e) => {
    e.preventDefault();
    view.zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY * 0.0022))));
  }, { passive: false });
}

function keysOf(app) {
  const { view } = app;
  const part = (e) => (e.shiftKey ? 0.8 : 0.15);
  return {
    ArrowLeft: (e) => view.pan(-view.span * part(e)),
    ArrowRight: (e) => view.pan(view.span * part(e)),
    ArrowUp: () => (app.picture.scrollTop -= 60),
    ArrowDown: () => (app.picture.scrollTop += 60),
    Home: () => view.show(view.start, view.start + view.span),
    End: () => view.show(view.end - view.span, view.end),
    "+": () => view.zoom(0.7, app.focusX()),
    "=": () => view.zoom(0.7, app.focusX()),
    "-": () => view.zoom(1 / 0.7, app.focusX()),
    f: () => view.fit(),
    j: () => app.step(1),
    k: () => app.step(-1),
    n: () => app.stepLeader(1),
    p: () => app.stepLeader(-1),
    x: () => app.goToFailure(),
    h: () => app.toggleHelp(),
    "?": () => app.toggleHelp(),
    "/": () => app.element("query").select(),
    " ": () => app.togglePlay(),
    Escape: () => app.escape(),
  };
}

function listenToKeys(app) {
  const keys = keysOf(app);
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement;
    if (typing) {
      if (e.key === "Escape") app.canvas.focus();
      if (e.key === "Escape" || e.key === "Enter") app.applyQuery();
      if (e.key === "Enter") app.step(e.shiftKey ? -1 : 1);
      return;
    }
    if (e.key === " " && e.target instanceof HTMLButtonElement) return;
    const action = keys[e.key];
    if (!action) return;
    e.preventDefault();
    action(e);
  });
}

function listenToButtons(app) {
  const { view } = app;
  const on = (name, action) => app.element(name).addEventListener("click", action);
  on("play", () => app.togglePlay());
  on("zoom-in", () => view.zoom(0.7));
  on("zoom-out", () => view.zoom(1 / 0.7));
  on("fit", () => view.fit());
  on("next", () => app.step(1));
  on("previous", () => app.step(-1));
  on("help-button", () => app.toggleHelp());
  on("theme-button", () => app.toggleTheme());
  let waiting = 0;
  app.element("query").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => app.applyQuery(), 120);
  });
}
