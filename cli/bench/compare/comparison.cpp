#include "cli/bench/compare/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/bench/median.hpp"
#include "cli/bench/report.hpp"
#include "common/check.hpp"

namespace raftkv::bench {
namespace {

double median_of(const Score& score, Figure member) {
    std::vector<double> values;
    for (const Turn& turn : score.turns) values.push_back(turn.*member);
    return median(values);
}

std::string ratio_text(const Row& row, const Score& score) {
    if (&score == &row.scores.front()) return {};
    const Ratio ratio = ratio_of(row.step, row.scores.front(), score);
    return fmt::format("{:.2f} ({:.2f} - {:.2f})", ratio.median, ratio.lowest, ratio.highest);
}

std::string us_text(double us) {
    return duration_text(static_cast<std::int64_t>(us * 1000));
}

void add_row(const Row& row, std::string& out) {
    out += fmt::format("\n{:<32}{:>11}{:>11}{:>11}{:>11}{:>11}   {}\n", row.step.name, "1/s", "p50",
                       "p99", "cpu/op", "tool/op",
                       row.step.by_latency ? "p50 of raftkv / its" : "rate of raftkv / its");
    for (const Score& score : row.scores) {
        out += fmt::format(
            "  {:<30}{:>11}{:>11}{:>11}{:>11}{:>11}   {}\n", score.contender,
            grouped(median_of(score, &Turn::per_second)), us_text(median_of(score, &Turn::p50_us)),
            us_text(median_of(score, &Turn::p99_us)), us_text(median_of(score, &Turn::cpu_us)),
            us_text(median_of(score, &Turn::tool_cpu_us)), ratio_text(row, score));
    }
}

}  // namespace

std::vector<Step> steps_of(const CompareSettings& settings) {
    const std::string clients =
        fmt::format("{} client{}", settings.clients, settings.clients == 1 ? "" : "s");
    const std::string pipelined = fmt::format("{}, {} in flight each", clients, settings.pipeline);
    return {{"set, " + clients, Op::set, settings.clients, 1, false},
            {"set, " + pipelined, Op::set, settings.clients, settings.pipeline, false},
            {"set, 1 client", Op::set, 1, 1, true},
            {"get, " + clients, Op::get, settings.clients, 1, false},
            {"get, " + pipelined, Op::get, settings.clients, settings.pipeline, false}};
}

Figure figure_of(const Step& step) {
    return step.by_latency ? &Turn::p50_us : &Turn::per_second;
}

std::vector<double> ratios_of(Figure figure, const Score& one, const Score& other) {
    RAFTKV_CHECK(one.turns.size() == other.turns.size());
    std::vector<double> ratios;
    for (std::size_t i = 0; i < one.turns.size(); ++i) {
        const double below = other.turns[i].*figure;
        if (below > 0) ratios.push_back(one.turns[i].*figure / below);
    }
    return ratios;
}

Ratio ratio_of(const Step& step, const Score& one, const Score& other) {
    const std::vector<double> ratios = ratios_of(figure_of(step), one, other);
    if (ratios.empty()) return {};
    const auto [lowest, highest] = std::minmax_element(ratios.begin(), ratios.end());
    return {median(ratios), *lowest, *highest};
}

std::string as_text(const Comparison& comparison) {
    const CompareSettings& settings = comparison.settings;
    std::string out = fmt::format(
        "Medians of {} rounds of {:g} s, {}-byte values; the least and the greatest "
        "ratio of a round in brackets\n",
        settings.rounds, settings.seconds, settings.value_bytes);
    for (const auto& [name, about] : comparison.contenders) {
        out += fmt::format("  {:<14}{}\n", name, about);
    }
    for (const std::string& missing : comparison.missing) out += missing + "\n";
    out +=
        fmt::format("One small write and its fdatasync take {} here", us_text(comparison.sync_us));
    if (settings.nodes > 1)
        out += fmt::format(", {} of them at the same time {} each", settings.nodes,
                           us_text(comparison.syncs_us));
    out += "\n";
    if (!comparison.hint.empty()) out += fmt::format("Note: {}\n", comparison.hint);
    for (const Row& row : comparison.rows) add_row(row, out);
    if (!comparison.memory.empty()) {
        out += fmt::format("\nmemory of a key over its {} bytes of key and value, of {} keys\n",
                           KeySpace::key_bytes + settings.value_bytes,
                           grouped(static_cast<double>(settings.memory_keys)));
    }
    for (const MemoryScore& score : comparison.memory) {
        out += fmt::format("  {:<30}{:>11.0f}\n", score.contender, score.bytes_per_key);
    }
    return out;
}

}  // namespace raftkv::bench
