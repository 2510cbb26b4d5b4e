#include <fmt/format.h>

#include "tests/benchmark/goals/rows.hpp"

namespace raftkv::benchmark {
namespace {

constexpr std::uint64_t mixed_keys = 100'000;
constexpr std::size_t mixed_value_bytes = 64, mixed_clients = 64, mixed_pipeline = 16;

}  // namespace

std::vector<Goal> mixed_goals() {
    return {{"reads and writes in turn, 16 in flight on each of 64 connections", Bound::at_least,
             0.8, "", "each alone"}};
}

// Half of what a mixed load does are reads: as many of each, one kind after the other, would take
// the sum of their times.
Result<void> measure_mixed(const Bed& bed, std::vector<Line>& lines) {
    auto cluster = bed.start(3);
    if (!cluster) return cluster.error();
    auto space = bed.write_keys(*cluster, mixed_keys, mixed_value_bytes, "keys to read");
    if (!space) return space.error();
    const auto rate_of = [&](bench::Op op, const std::string& what) -> Result<double> {
        bench::LoadOptions load = bed.load(op, mixed_clients, mixed_pipeline);
        load.value_bytes = mixed_value_bytes;
        const auto result = bed.run(*cluster, load, *space, what);
        if (!result) return result.error();
        return result->per_second;
    };
    auto ratios = ratios_in_turn(
        bed, "mixed",
        [&](const std::string& what) { return rate_of(bench::Op::mixed, what + ", mixed"); },
        [&](const std::string& what) -> Result<double> {
            const auto writes = rate_of(bench::Op::cas, what + ", writes");
            if (!writes) return writes.error();
            const auto reads = rate_of(bench::Op::get, what + ", reads");
            if (!reads) return reads.error();
            return 2 / (1 / *writes + 1 / *reads);
        });
    if (!ratios) return ratios.error();
    lines[0].samples = std::move(*ratios);
    return {};
}

}  // namespace raftkv::benchmark
