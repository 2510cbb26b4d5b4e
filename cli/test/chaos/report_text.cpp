#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "cli/test/chaos/report.hpp"
#include "common/check.hpp"

namespace raftkv::chaos {
namespace {

std::string headline(const Report& report) {
    std::string verdict(name_of(report.outcome()));
    if (report.outcome() == Outcome::failed) verdict = "FAILED";
    if (report.outcome() == Outcome::undecided) verdict = "UNDECIDED";
    if (report.interrupted) verdict = "interrupted";
    return fmt::format("chaos        {} in {:.1f} s\n", verdict, report.took_s);
}

std::string row(const std::string& title, const std::string& value) {
    return fmt::format("  {:<44}  {:>12}\n", title, value);
}

std::string faults_of(const Report& report) {
    std::map<Family, std::size_t> done;
    std::size_t missed = 0;
    for (const FaultRecord& fault : report.faults) {
        if (!fault.problem.empty()) ++missed;
        ++done[traits_of(fault.plan.kind).family];
    }
    std::string text = row("faults", std::to_string(report.faults.size()));
    for (const auto& [family, count] : done) {
        text += row(fmt::format("  {}", name_of(family)), std::to_string(count));
    }
    if (missed > 0) text += row("  not done, or only in part", std::to_string(missed));
    return text;
}

std::string service_of(const Report& report) {
    const Counts& counts = report.measured.counts;
    const Latency& latency = report.measured.latency;
    std::string text = row("operations", std::to_string(counts.operations));
    text += row("  writes acknowledged", std::to_string(counts.acknowledged));
    text += row("  writes refused", std::to_string(counts.refused));
    text += row("  writes whose outcome is unknown", std::to_string(counts.unknown));
    text += row("  reads answered", std::to_string(counts.reads));
    text += row("  given up, certainly without effect", std::to_string(counts.gave_up));
    text += row("  reads that one node turned away", std::to_string(counts.turned_away));
    text += row(
        "latency, p50 / p99 / max",
        fmt::format("{:.1f} / {:.1f} / {:.0f} ms", latency.p50_ms, latency.p99_ms, latency.max_ms));
    double longest = 0;
    for (const Window& window : report.measured.unavailable) {
        longest = std::max(
            longest, std::chrono::duration<double, std::milli>(window.to - window.from).count());
    }
    text += row(fmt::format("times without a write for {} ms or more", shortest_window.count()),
                std::to_string(report.measured.unavailable.size()));
    if (longest > 0) text += row("  the longest", fmt::format("{:.0f} ms", longest));
    text += row("terms with a leader", std::to_string(report.terms));
    return text;
}

std::string mark_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::passed:
            return "ok";
        case Outcome::failed:
            return "FAIL";
        case Outcome::undecided:
            return "?";
        case Outcome::not_run:
            return "-";
    }
    check_failed("known Outcome", __FILE__, __LINE__);
}

std::string indented(const std::string& lines) {
    std::istringstream in(lines);
    std::string text;
    for (std::string line; std::getline(in, line);) text += "        " + line + "\n";
    return text;
}

}  // namespace

std::string as_text(const Report& report) {
    std::string text = headline(report) + service_of(report) + faults_of(report);
    for (const Check& check : report.checks) {
        text += fmt::format("  {:<4}  {}\n", mark_of(check.outcome), check.name);
        text += indented(check.text);
    }
    if (!report.folder.empty()) {
        text += fmt::format("  data, logs, history and report: {}\n", report.folder);
    }
    if (report.outcome() != Outcome::passed) text += "  again: " + report.command + "\n";
    return text;
}

}  // namespace raftkv::chaos
