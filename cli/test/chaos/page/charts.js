"use strict";

// Throughput and latency over time.

const chartHeight = 120;

// Of the buckets that are seen: index, beginning and end.
function bucketsSeen(series, scale) {
  const length = series.bucket_ms;
  const seen = [];
  const count = series.reads.length;
  for (let i = 0; i < count; ++i) {
    if (scale.sees(i * length, (i + 1) * length)) seen.push({ i, from: i * length, to: (i + 1) * length });
  }
  return seen;
}

function drawGaps(svg, scale, report, top, bottom) {
  for (const [from, to] of report.unavailable_ms) {
    if (!scale.sees(from, to)) continue;
    const x = scale.x(from);
    svg.append(drawn("rect", {
      x, y: top, width: Math.max(1, scale.x(to) - x), height: bottom - top, class: "gap",
    }));
  }
}

// Bars on top of each other: writes, reads, and what nobody answered.
function drawThroughput(svg, scale, report, top) {
  const series = report.series;
  const seen = bucketsSeen(series, scale);
  const perSecond = 1000 / series.bucket_ms;
  const parts = ["writes", "reads", "unanswered"];
  const names = [["writes", "writes"], ["reads", "reads"], ["unanswered", "not answered"]];
  const total = ({ i }) => parts.reduce((sum, part) => sum + series[part][i], 0) * perSecond;
  const values = new LinearScale(top + 18, top + chartHeight, Math.max(0, ...seen.map(total)));
  drawFrame(svg, scale, values, "Operations a second", names, counted);
  const bars = drawn("g", { class: "bars" });
  svg.append(bars);
  for (const bucket of seen) {
    let below = 0;
    for (const part of parts) {
      const rate = series[part][bucket.i] * perSecond;
      if (rate === 0) continue;
      const y = values.y(below + rate);
      const x = scale.x(bucket.from);
      bars.append(drawn("rect", {
        x, y, width: Math.max(0.5, scale.x(bucket.to) - x), height: values.y(below) - y,
        fill: `var(--${part})`,
      }));
      below += rate;
    }
  }
  drawGaps(svg, scale, report, values.top, values.bottom);
  return top + chartHeight + 14;
}

function drawLatency(svg, scale, report, top) {
  const series = report.series;
  const seen = bucketsSeen(series, scale);
  const all = seen.flatMap(({ i }) => [series.p50_ms[i], series.max_ms[i]]).filter((v) => v > 0);
  const values = new LogScale(top + 18, top + chartHeight, Math.min(1, ...all), Math.max(1, ...all));
  const names = [["p50", "p50"], ["p99", "p99"], ["max", "max"]];
  drawFrame(svg, scale, values, "Latency of what was answered", names, durationText);
  for (const part of ["max", "p99", "p50"]) {
    const list = series[part + "_ms"];
    svg.append(drawn("path", {
      d: linePath(seen, scale, (i) => list[i], (v) => values.y(v)),
      class: "line",
      stroke: `var(--${part})`,
    }));
  }
  drawGaps(svg, scale, report, values.top, values.bottom);
  return top + chartHeight + 4;
}
