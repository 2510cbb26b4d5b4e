#include <fmt/format.h>

#include "tests/benchmark/goals/rows.hpp"

namespace raftkv::benchmark {
namespace {

constexpr std::size_t pipelines[] = {1, 16};  // one a goal

}  // namespace

std::vector<Goal> node_goals() {
    return {
        {"5 nodes: set, 64 connections", Bound::at_least, 0.7, "", "3 nodes"},
        {"5 nodes: set, 64 connections, 16 in flight each", Bound::at_least, 0.7, "", "3 nodes"}};
}

Result<void> measure_nodes(const Bed& bed, std::vector<Line>& lines) {
    auto three = bed.start(3);
    if (!three) return three.error();
    auto five = bed.start(5);
    if (!five) return five.error();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const bench::LoadOptions load = bed.load(bench::Op::set, 64, pipelines[i]);
        auto ratios = ratios_in_turn(
            bed, fmt::format("{} in flight", pipelines[i]),
            [&](const std::string& what) {
                return bed.rate_of_sets(*five, load, what + ", 5 nodes");
            },
            [&](const std::string& what) {
                return bed.rate_of_sets(*three, load, what + ", 3 nodes");
            });
        if (!ratios) return ratios.error();
        lines[i].samples = std::move(*ratios);
    }
    return {};
}

}  // namespace raftkv::benchmark
