"use strict";

// What stands at the end of a report.

// The command that repeats the run, what it ran on, and the text of the report to be saved.
function fillFoot(command, versions, text) {
  byId("command").textContent = shown(command);
  byId("copy").addEventListener("click", () => {
    const range = document.createRange();
    range.selectNodeContents(byId("command"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    if (navigator.clipboard) navigator.clipboard.writeText(command).catch(() => {});
  });
  const rows = Object.entries(versions).map(([name, version]) =>
    make("tr", {}, make("td", {}, name), make("td", {}, version)));
  fillTable("versions", [], rows, "");
  byId("save").addEventListener("click", () => {
    const link = make("a", { download: "report.json" });
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.click();
  });
}
