#include <fmt/format.h>

#include "cli/bench/compare/process_use.hpp"
#include "tests/benchmark/goals/rows.hpp"
#include "tests/benchmark/restart.hpp"

namespace raftkv::benchmark {
namespace {

constexpr std::uint64_t keys = 1'000'000;
// Written before: what connections and buffers take once is no key's.
constexpr std::uint64_t first_keys = 10'000;
constexpr std::size_t million_value_bytes = 64;

}  // namespace

std::vector<Goal> million_key_goals() {
    return {
        {"a million keys: memory of each over key and value", Bound::at_most, 100, "bytes", "", 0},
        {"a million keys, all nodes killed and started: until a read is served", Bound::under, 2,
         "s", ""}};
}

Result<void> measure_million_keys(const Bed& bed, std::vector<Line>& lines) {
    auto cluster = bed.start(3);
    if (!cluster) return cluster.error();
    const auto write = [&](std::uint64_t count) -> Result<void> {
        const auto written = bed.write_keys(*cluster, count, million_value_bytes, "a million keys");
        return written ? Result<void>{} : written.error();
    };
    if (auto written = write(first_keys); !written) return written;
    const auto grown = bench::memory_grown_by(cluster->pids(), [&] { return write(keys); });
    if (!grown) return grown.error();
    lines[0].samples = {*grown / keys -
                        static_cast<double>(bench::KeySpace::key_bytes + million_value_bytes)};
    for (std::size_t round = 0; round < bed.settings.rounds; ++round) {
        bed.say(fmt::format("restart {} of {}", round + 1, bed.settings.rounds));
        const auto restart = restart_all(*cluster, first_keys + keys, bed.interrupt);
        if (!restart) return restart.error();
        lines[1].samples.push_back(restart->served_ms / 1000);
    }
    return {};
}

}  // namespace raftkv::benchmark
