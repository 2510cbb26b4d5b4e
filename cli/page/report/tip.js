"use strict";

// The box beside the pointer.

function showTip(x, y, title, lines) {
  const tip = byId("tip");
  tip.replaceChildren(make("b", {}, title), ...lines.map((line) => make("span", {}, line)));
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  const left = x + 16 + box.width < innerWidth ? x + 16 : x - 16 - box.width;
  const top = y + 16 + box.height < innerHeight ? y + 16 : y - 16 - box.height;
  tip.style.left = Math.max(4, left) + "px";
  tip.style.top = Math.max(4, top) + "px";
}

function hideTip() {
  byId("tip").hidden = true;
}
