#include "tests/benchmark/goals/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/bench/median.hpp"
#include "cli/bench/rounding.hpp"
#include "common/check.hpp"

namespace raftkv::benchmark {
namespace {

using Cells = std::array<std::string, 4>;

std::string_view name_of(Bound bound) {
    switch (bound) {
        case Bound::at_least:
            return "at least";
        case Bound::at_most:
            return "at most";
        case Bound::under:
            return "under";
    }
    check_failed("known Bound", __FILE__, __LINE__);
}

std::string number(const Goal& goal, double value) {
    return fmt::format("{:.{}f}", value, goal.digits);
}

std::string with_unit(const Goal& goal, std::string text) {
    return goal.unit.empty() ? text : text + " " + goal.unit;
}

double least_of(const Line& line) {
    return *std::min_element(line.samples.begin(), line.samples.end());
}

double greatest_of(const Line& line) {
    return *std::max_element(line.samples.begin(), line.samples.end());
}

Cells cells_of(const Line& line) {
    return {line.goal.load, goal_text(line.goal), measured_text(line),
            std::string(name_of(verdict_of(line)))};
}

std::string row_text(const Cells& cells, const std::array<std::size_t, 4>& widths) {
    std::string out = "|";
    for (std::size_t i = 0; i < cells.size(); ++i) {
        out += fmt::format(" {:<{}} |", cells[i], widths[i]);
    }
    return out + "\n";
}

std::string table_text(const std::vector<Line>& lines) {
    std::vector<Cells> rows = {{"load", "goal", "measured", ""}};
    for (const Line& line : lines) rows.push_back(cells_of(line));
    std::array<std::size_t, 4> widths{};
    for (const Cells& cells : rows) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], cells[i].size());
        }
    }
    std::string out = row_text(rows.front(), widths) + "|";
    for (std::size_t width : widths) out += std::string(width + 2, '-') + "|";
    out += "\n";
    for (std::size_t i = 1; i < rows.size(); ++i) out += row_text(rows[i], widths);
    return out;
}

}  // namespace

Verdict verdict_of(const Line& line) {
    if (line.samples.empty()) return Verdict::not_measured;
    const double counts = line.goal.by_greatest ? greatest_of(line) : bench::median(line.samples);
    switch (line.goal.bound) {
        case Bound::at_least:
            return counts >= line.goal.figure ? Verdict::met : Verdict::missed;
        case Bound::at_most:
            return counts <= line.goal.figure ? Verdict::met : Verdict::missed;
        case Bound::under:
            return counts < line.goal.figure ? Verdict::met : Verdict::missed;
    }
    check_failed("known Bound", __FILE__, __LINE__);
}

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::met:
            return "met";
        case Verdict::missed:
            return "missed";
        case Verdict::not_measured:
            return "not measured";
    }
    check_failed("known Verdict", __FILE__, __LINE__);
}

std::string goal_text(const Goal& goal) {
    std::string text =
        fmt::format("{} {}", name_of(goal.bound), with_unit(goal, number(goal, goal.figure)));
    if (!goal.against.empty()) text += " x " + goal.against;
    return text;
}

std::string measured_text(const Line& line) {
    if (line.samples.empty()) return "-";
    const Goal& goal = line.goal;
    if (goal.by_greatest) return with_unit(goal, number(goal, greatest_of(line)));
    std::string text = with_unit(goal, number(goal, bench::median(line.samples)));
    if (line.samples.size() == 1) return text;
    return text +
           fmt::format(" ({} - {})", number(goal, least_of(line)), number(goal, greatest_of(line)));
}

std::string as_text(const Frame& frame, const std::vector<Line>& lines) {
    std::string out;
    for (const auto& [name, text] : frame.machine) out += fmt::format("{}: {}\n", name, text);
    out += fmt::format("{}, {}\n", frame.command, frame.started);
    if (!frame.hint.empty()) out += fmt::format("Note: {}\n", frame.hint);
    out += "\nMedians of the rounds; the least and the greatest of a round in brackets\n\n";
    out += table_text(lines);
    std::string remarks;
    for (const Line& line : lines) {
        const std::string& remark = line.missing.empty() ? line.note : line.missing;
        if (!remark.empty()) remarks += fmt::format("{}: {}\n", line.goal.load, remark);
    }
    return remarks.empty() ? out : out + "\n" + remarks;
}

std::string as_json(const Frame& frame, const std::vector<Line>& lines) {
    using nlohmann::ordered_json;
    ordered_json out = {{"format", 1},
                        {"command", frame.command},
                        {"started", frame.started},
                        {"machine", ordered_json::object()},
                        {"hint", frame.hint},
                        {"goals", ordered_json::array()}};
    for (const auto& [name, text] : frame.machine) out["machine"][name] = text;
    for (const Line& line : lines) {
        ordered_json samples = ordered_json::array();
        for (double sample : line.samples) samples.push_back(bench::milli(sample));
        out["goals"].push_back({{"load", line.goal.load},
                                {"goal", goal_text(line.goal)},
                                {"bound", name_of(line.goal.bound)},
                                {"figure", line.goal.figure},
                                {"by", line.goal.by_greatest ? "greatest" : "median"},
                                {"samples", std::move(samples)},
                                {"verdict", name_of(verdict_of(line))},
                                {"missing", line.missing},
                                {"note", line.note}});
    }
    return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace raftkv::benchmark
