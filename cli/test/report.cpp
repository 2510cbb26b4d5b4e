#include "cli/test/report.hpp"
#include "cli/command_line/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace raftkv::test {
namespace {

using nlohmann::ordered_json;

std::string number(double value) {
    const bool whole = value == static_cast<double>(static_cast<std::int64_t>(value));
    return whole ? fmt::format("{:.0f}", value) : fmt::format("{:.1f}", value);
}

std::size_t widest_title(const Report& report) {
    std::size_t width = 0;
    for (const ScenarioReport& scenario : report.scenarios) {
        for (const Figure& figure : scenario.figures) width = std::max(width, figure.title.size());
    }
    return width;
}

std::string_view verdict_of(const ScenarioReport& scenario) {
    if (!scenario.failure) return "passed";
    if (scenario.failure->kind == ErrorKind::interrupted) return "interrupted";
    if (scenario.failure->kind == ErrorKind::undecided) return "UNDECIDED";
    return "FAILED";
}

std::string row(const std::string& name, const ScenarioReport& scenario) {
    return fmt::format("{:<12} {} in {:.1f} s\n", name, verdict_of(scenario), scenario.seconds);
}

ordered_json to_json(const ScenarioReport& scenario) {
    ordered_json out;
    out["name"] = scenario.name;
    out["passed"] = !scenario.failure.has_value();
    out["seconds"] = scenario.seconds;
    out["reason"] = nullptr;
    if (scenario.failure) out["reason"] = scenario.failure->message;
    out["folder"] = nullptr;
    if (!scenario.folder.empty()) out["folder"] = scenario.folder;
    out["figures"] = ordered_json::object();
    for (const Figure& figure : scenario.figures) out["figures"][figure.id] = figure.value;
    return out;
}

}  // namespace

bool Report::passed() const {
    return std::none_of(scenarios.begin(), scenarios.end(),
                        [](const ScenarioReport& s) { return s.failure.has_value(); });
}

std::string as_table(const Report& report) {
    const std::size_t width = widest_title(report);
    std::string table;
    for (const ScenarioReport& scenario : report.scenarios) {
        table += row(scenario.name, scenario);
        for (const Figure& figure : scenario.figures) {
            std::string line =
                fmt::format("  {:<{}}  {:>10}", figure.title, width, number(figure.value));
            if (!figure.unit.empty()) line += " " + figure.unit;
            table += line + "\n";
        }
        if (scenario.failure) table += fmt::format("  reason: {}\n", scenario.failure->message);
        if (!scenario.folder.empty()) {
            table += fmt::format("  data and logs: {}\n", scenario.folder);
        }
    }
    return table;
}

std::string as_json(const Report& report) {
    ordered_json out;
    out["passed"] = report.passed();
    out["nodes"] = report.nodes;
    out["seed"] = report.seed;
    out["scenarios"] = ordered_json::array();
    for (const ScenarioReport& scenario : report.scenarios) {
        out["scenarios"].push_back(to_json(scenario));
    }
    // Reasons may quote bytes that a broken node sent.
    return cli::json_text(out) + "\n";
}

void add_distribution(std::vector<Figure>& figures, const std::string& id, const std::string& title,
                      std::vector<double> samples_ms) {
    if (samples_ms.empty()) return;
    std::sort(samples_ms.begin(), samples_ms.end());
    const std::size_t middle = samples_ms.size() / 2;
    const double median = samples_ms.size() % 2 == 1
                              ? samples_ms[middle]
                              : (samples_ms[middle - 1] + samples_ms[middle]) / 2;
    figures.push_back({id + "_median_ms", title + ", median", median, "ms"});
    figures.push_back({id + "_worst_ms", title + ", worst", samples_ms.back(), "ms"});
}

}  // namespace raftkv::test
