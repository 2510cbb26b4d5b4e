"use strict";

function fillTable(id, heads, rows, empty) {
  const table = byId(id);
  if (rows.length === 0) {
    table.replaceChildren(make("tbody", {}, make("tr", {}, make("td", { class: "note" }, empty))));
    return;
  }
  const head = make("tr");
  for (const [text, kind] of heads) head.append(make("th", { class: kind }, text));
  const body = make("tbody");
  body.append(...rows);
  table.replaceChildren(make("thead", {}, head), body);
}
