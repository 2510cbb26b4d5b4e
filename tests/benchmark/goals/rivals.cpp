#include <fmt/format.h>

#include <algorithm>

#include "cli/bench/compare/compare.hpp"
#include "cli/bench/compare/contender.hpp"
#include "tests/benchmark/goals/rows.hpp"

namespace raftkv::benchmark {
namespace {

using bench::Comparison;

// A goal, and which figure of the comparison it is about.
struct Match {
    std::size_t step;  // of steps_of()
    std::string_view rival;
    bench::Figure figure;
    Goal goal;
};

const std::vector<Match>& matches() {
    using bench::Turn;
    constexpr auto rate = &Turn::per_second, latency = &Turn::p50_us, cpu = &Turn::cpu_us;
    const char* set = "set, 64 connections";
    const char* pipelined_set = "set, 64 connections, 16 in flight each";
    const char* set_alone = "set, 1 connection: median latency";
    const char* get = "get, 64 connections";
    const char* pipelined_get = "get, 64 connections, 16 in flight each";
    const char* cpu_of_a_set = "set, 64 connections: processor time of all servers";
    static const std::vector<Match> table = {
        {0, "redis", rate, {set, Bound::at_least, 1, "", "Redis"}},
        {0, "etcd", rate, {set, Bound::at_least, 10, "", "etcd"}},
        {1, "redis", rate, {pipelined_set, Bound::at_least, 1, "", "Redis"}},
        {2, "redis", latency, {set_alone, Bound::at_most, 1.5, "", "Redis"}},
        {2, "etcd", latency, {set_alone, Bound::at_most, 0.3, "", "etcd"}},
        {3, "redis", rate, {get, Bound::at_least, 1, "", "Redis"}},
        {3, "memcached", rate, {get, Bound::at_least, 0.8, "", "memcached"}},
        {4, "redis", rate, {pipelined_get, Bound::at_least, 1, "", "Redis"}},
        {0, "etcd", cpu, {cpu_of_a_set, Bound::at_most, 0.125, "", "etcd", 3}},
    };
    return table;
}

// Names of those that are installed.
std::vector<std::string> rivals_here() {
    std::vector<std::string> names;
    for (const Match& match : matches()) {
        const bool named = std::find(names.begin(), names.end(), match.rival) != names.end();
        if (!named && bench::find_kind(match.rival)->is_installed())
            names.emplace_back(match.rival);
    }
    return names;
}

const bench::Score* score_of(const bench::Row& row, std::string_view name) {
    const auto found =
        std::find_if(row.scores.begin(), row.scores.end(),
                     [&](const bench::Score& score) { return score.contender == name; });
    return found == row.scores.end() ? nullptr : &*found;
}

}  // namespace

std::vector<Goal> rival_goals() {
    std::vector<Goal> goals;
    for (const Match& match : matches()) goals.push_back(match.goal);
    return goals;
}

Result<void> measure_rivals(const Bed& bed, std::vector<Line>& lines) {
    Comparison comparison;
    bench::CompareSettings settings;
    settings.against = rivals_here();
    settings.rounds = bed.settings.rounds;
    settings.seconds = bed.settings.seconds;
    settings.folder = bed.settings.folder;
    settings.raftkv = bed.settings.raftkv;
    if (!settings.against.empty()) {
        auto compared = bench::run_compare(settings, bed.interrupt, bed.say);
        if (!compared) return compared.error();
        comparison = std::move(*compared);
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const Match& match = matches()[i];
        const bench::Row* row = comparison.rows.empty() ? nullptr : &comparison.rows[match.step];
        const bench::Score* rival = row == nullptr ? nullptr : score_of(*row, match.rival);
        if (rival != nullptr) {
            lines[i].samples = ratios_of(match.figure, row->scores.front(), *rival);
        } else {
            lines[i].missing = fmt::format("{} is not here: it needs {}", match.rival,
                                           bench::find_kind(match.rival)->needs);
        }
    }
    return {};
}

}  // namespace raftkv::benchmark
