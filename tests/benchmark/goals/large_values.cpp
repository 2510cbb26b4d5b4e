#include <fmt/format.h>

#include <algorithm>

#include "cli/bench/disk.hpp"
#include "cli/bench/median.hpp"
#include "cli/bench/node_watch.hpp"
#include "tests/benchmark/goals/rows.hpp"
#include "tests/benchmark/snapshot_stand.hpp"

namespace raftkv::benchmark {
namespace {

constexpr std::uint32_t nodes = 3;
constexpr std::size_t value_bytes = 16 * 1024;
constexpr std::size_t entry_bytes = bench::KeySpace::key_bytes + value_bytes;

struct Round {
    double bytes_per_second = 0;  // of keys and values, on all disks together
    double bytes_per_sync = 0;    // the mean of the nodes
    double disk = 0;              // bytes a second that it writes in such batches
};

// Without snapshots, which would write all of it a second time, and for a moment only: every key
// is kept in the memory of all nodes.
Result<Round> one_round(const Bed& bed, const std::string& what) {
    auto cluster = bed.start(nodes, never_mib);
    if (!cluster) return cluster.error();
    bench::LoadOptions load = bed.load(bench::Op::set, 64, 1);
    load.value_bytes = value_bytes;
    bench::NodeWatch watch(cluster->nodes(), std::chrono::milliseconds(50));
    bench::KeySpace fresh = bench::new_key_space({});
    const auto result = bed.run(*cluster, load, fresh, what);
    if (!result) return result.error();
    Round round;
    round.bytes_per_second = result->per_second * entry_bytes * nodes;
    for (const bench::NodeUse& node : watch.use(result->from, result->to)) {
        round.bytes_per_sync += node.entries_per_sync * entry_bytes / nodes;
    }
    if (round.bytes_per_sync == 0)
        return Error{ErrorKind::failed, "no node said how much it syncs at a time"};
    bed.say(what + ": the disk alone");
    const auto disk = bench::measure_write_rate(
        bed.settings.folder, static_cast<std::size_t>(round.bytes_per_sync), load.seconds);
    if (!disk) return disk.error();
    round.disk = *disk;
    return round;
}

}  // namespace

std::vector<Goal> large_value_goals() {
    return {{"set of 16 KiB, 64 connections: bytes of all three copies", Bound::at_least, 0.7, "",
             "the disk alone"}};
}

Result<void> measure_large_values(const Bed& bed, std::vector<Line>& lines) {
    std::vector<double> batches, disks;
    for (std::size_t i = 0; i < bed.settings.rounds; ++i) {
        const auto round =
            one_round(bed, fmt::format("16 KiB, round {} of {}", i + 1, bed.settings.rounds));
        if (!round) return round.error();
        lines[0].samples.push_back(round->bytes_per_second / round->disk);
        batches.push_back(round->bytes_per_sync);
        disks.push_back(round->disk);
    }
    lines[0].note = fmt::format(
        "the disk alone writes batches of {:.0f} KiB, the mean of what a node synced at a time, "
        "one after the other with a fdatasync each: {:.0f} MiB/s; no snapshot was taken meanwhile",
        bench::median(batches) / 1024, bench::median(disks) / (1 << 20));
    return {};
}

}  // namespace raftkv::benchmark
