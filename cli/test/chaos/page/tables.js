"use strict";

// Everything of the page that is words and numbers.

function fillChecks(report) {
  const rows = report.checks.map((check) => {
    const outcome = make("span", { class: "tag " + check.outcome.replace(" ", "-") }, check.outcome);
    const name = make("td", {}, make("div", {}, check.name));
    if (check.text) name.append(make("pre", {}, check.text));
    return make("tr", {}, make("td", {}, outcome), name,
                make("td", { class: "number" }, check.seconds > 0 ? durationText(check.seconds * 1000) : ""));
  });
  fillTable("checks", [["", ""], ["Check", ""], ["Took", "number"]], rows,
            "Nothing was checked: the run ended before.");
}

function openByClickOrKey(row, open) {
  row.addEventListener("click", open);
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open();
  });
}

// `open` is told the fault that was chosen.
function fillFaults(report, open) {
  const rows = report.faults.map((fault) => {
    const what = make("td", {},
      make("span", { class: "dot", style: `background:var(--${fault.family})` }), fault.text);
    if (fault.takes_quorum) what.append(make("span", { class: "note" }, " — no majority is left"));
    if (fault.problem) what.append(make("div", { class: "note" }, "not done: " + fault.problem));
    const served = fault.served_after_ms === null ? "—" : durationText(fault.served_after_ms);
    const row = make("tr", { tabindex: "0" },
      make("td", { class: "number" }, timeText(fault.from_ms)),
      what,
      make("td", { class: "number" }, durationText(Math.max(0, fault.to_ms - fault.from_ms))),
      make("td", { class: "number" }, served));
    openByClickOrKey(row, () => open(fault));
    return row;
  });
  fillTable("faults", [["At", "number"], ["What", ""], ["For", "number"], ["Served after", "number"]],
            rows, "Nothing went wrong in this run.");
  byId("faults-hint").hidden = rows.length === 0;
}

function faultsWithin(report, from, to) {
  return report.faults.filter((fault) => fault.from_ms < to && fault.to_ms > from);
}

function fillWindows(report, open) {
  const longestFirst = [...report.unavailable_ms].sort((a, b) => b[1] - b[0] - (a[1] - a[0]));
  const rows = longestFirst.map(([from, to]) => {
    const texts = faultsWithin(report, from, to).map((fault) => fault.text);
    const row = make("tr", { tabindex: "0" },
      make("td", { class: "number" }, timeText(from)),
      make("td", { class: "number" }, durationText(to - from)),
      make("td", {}, texts.length > 0 ? texts.join("; ") : "no fault"));
    openByClickOrKey(row, () => open(from, to));
    return row;
  });
  fillTable("windows", [["At", "number"], ["For", "number"], ["Meanwhile", ""]], rows,
            report.counts.acknowledged > 0 ? "Writes were acknowledged all the time."
              : "No write was acknowledged in this run.");
}

function fillCards(report) {
  const { counts, latency } = report;
  const seconds = report.length_ms / 1000;
  const longest = Math.max(0, ...report.unavailable_ms.map(([from, to]) => to - from));
  const cards = [
    [counted(counts.operations), "operations" +
      (seconds > 0 ? `, ${counted(Math.round(counts.operations / seconds))} a second` : "")],
    [counted(counts.acknowledged), "writes acknowledged"],
    [counted(counts.reads), "reads answered"],
    [counted(counts.unknown + counts.gave_up), "without an answer in time"],
    [durationText(latency.p50_ms), `half of the answers; 99 %: ${durationText(latency.p99_ms)}`],
    [durationText(latency.max_ms), "the slowest answer"],
    [durationText(longest), "the longest time without a write"],
    [counted(report.faults.length), `faults; ${counted(report.terms)} terms with a leader`],
  ];
  byId("cards").replaceChildren(
    ...cards.map(([value, text]) => make("div", { class: "card" }, make("b", {}, value), make("span", {}, text))));
}

function fillHead(report) {
  document.title = `raftkv chaos: ${shown(report.verdict)}, seed ${report.seed}`;
  byId("facts").textContent = shown(
    report.nodes === 0 ? "The run has not ended, or never began."
      : `${report.nodes} nodes, ${report.clients} clients, ${report.seconds} s of ` +
        `${report.families.join(", ")}; seed ${report.seed}; ${report.started}`);
  const verdict = byId("verdict");
  verdict.textContent = shown(report.verdict);
  verdict.classList.add(report.verdict.replace(" ", "-"));
  if (report.verdict !== "failed" && report.verdict !== "undecided") return;
  const check = report.checks.find((each) => each.outcome === report.verdict);
  const banner = byId("banner");
  banner.classList.add(report.verdict);
  banner.append(make("h2", {}, `${check ? check.name : "the run"}: ${report.verdict}`),
                make("pre", {}, report.reason || ""));
  if (report.folder) banner.append(make("p", {}, "Data, logs and history: ", make("code", {}, report.folder)));
  banner.hidden = false;
}
