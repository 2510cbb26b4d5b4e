"use strict";

// Words and numbers, and what draws the rest.

function fillCards(report) {
  const latency = report.latency_us;
  const leader = report.nodes.find((node) => node.leads);
  const text = (us) => durationText(us / 1000);
  const cards = [
    [counted(Math.round(report.per_second)), "operations a second"],
    [text(latency.p50), "half are faster"],
    [text(latency.p99), "99 % are faster"],
    [text(latency["p99.9"]), "99.9 % are faster"],
    [text(latency.max), "the slowest"],
    [counted(report.errors), "errors"],
  ];
  if (leader && leader.entries_per_sync > 0) {
    cards.push([counted(Math.round(leader.syncs_per_second)),
                `syncs a second on the leader; ${leader.entries_per_sync.toFixed(1)} entries each`]);
  }
  byId("cards").replaceChildren(
    ...cards.map(([value, words]) => make("div", { class: "card" }, make("b", {}, value), make("span", {}, words))));
}

function fillHead(report) {
  document.title = `raftkv bench: ${shown(report.load_text)}`;
  byId("facts").textContent = shown(
    `${report.load_text}; ${report.seconds.toFixed(1)} s on ${report.cluster}; ${report.started}`);
  const notes = [];
  if (report.hint) notes.push(report.hint + ".");
  if (report.interrupted) notes.push("The measurement was broken off.");
  if (report.unsent > 0) {
    notes.push(`${counted(report.unsent)} operations were due and could not be sent: the rate is ` +
      "more than the cluster, or that many in flight, can take.");
  }
  byId("banner").replaceChildren(...notes.map((note) => make("p", {}, note)));
  byId("banner").hidden = notes.length === 0;
  byId("loop").textContent = report.load.rate === null
    ? "Each connection sent the next operation when one was answered: while the cluster stalls, nobody comes."
    : "Operations began at their time, and their latency counts from then, however long they waited to be sent.";
}

const number = (text) => make("td", { class: "number" }, text);

function fillNodes(report) {
  const perOperation = (cores) =>
    report.per_second > 0 && cores > 0 ? durationText(cores / report.per_second * 1000) : "—";
  const rows = report.nodes.map((node) => {
    const name = make("td", {}, node.name + (node.leads ? ", leader" : ""));
    if (!node.answered) {
      return make("tr", {}, name, make("td", { colspan: "5", class: "note" }, "its admin port does not answer"));
    }
    return make("tr", {}, name, number(node.cpu_cores.toFixed(2)), number(perOperation(node.cpu_cores)),
                number(`${counted(Math.round(node.memory_bytes / 2 ** 20))} MiB`),
                number(counted(Math.round(node.syncs_per_second))), number(node.entries_per_sync.toFixed(1)));
  });
  const share = report.tool.share_of_leader;
  rows.push(make("tr", {}, make("td", {}, "this tool"), number(report.tool.cpu_cores.toFixed(2)),
                 number(perOperation(report.tool.cpu_cores)),
                 make("td", { colspan: "3", class: "note" },
                      share === null ? "" : `${Math.round(share * 100)} % of what the leader used`)));
  fillTable("nodes", [["", ""], ["Cores", "number"], ["Per operation", "number"], ["Memory", "number"],
                      ["Syncs a second", "number"], ["Entries a sync", "number"]], rows, "");
}

function fillOutcomes(report) {
  const more = [["redirects followed", report.redirects], ["connections made anew", report.reconnects]];
  const rows = [...Object.entries(report.outcomes), ...more].filter(([, count]) => count > 0)
    .map(([name, count]) => make("tr", {}, make("td", {}, name), number(counted(count))));
  fillTable("outcomes", [["", ""], ["", "number"]], rows, "Nothing was answered.");
}

function main() {
  const text = byId("report").textContent;
  const report = JSON.parse(text);
  followTheme();
  fillHead(report);
  fillCards(report);
  fillNodes(report);
  fillOutcomes(report);
  fillFoot(report.command, report.machine, text);
  byId("time").hidden = report.series.operations.length === 0;
  byId("latency").hidden = report.latency_curve.length === 0;
  if (!byId("time").hidden) new TimePicture(report);
  if (!byId("latency").hidden) new CurvePicture(report);
}

main();
