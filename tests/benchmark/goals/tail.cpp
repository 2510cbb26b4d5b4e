#include <fmt/format.h>

#include "cli/bench/disk.hpp"
#include "cli/bench/report.hpp"
#include "tests/benchmark/goals/rows.hpp"
#include "tests/benchmark/snapshot_stand.hpp"

namespace raftkv::benchmark {
namespace {

// Each node takes some in every round: it writes more log than this, and than it has data, in a
// few seconds.
constexpr std::uint32_t snapshot_log_mib = 4;
constexpr std::size_t tail_keys = 50'000, tail_value_bytes = 64;
constexpr double share_of_peak = 0.7;
// The tail of a moment is chance, and one without a snapshot in it says nothing.
constexpr double times_as_long = 5;

// In flight on each connection: enough for all that comes while the cluster stalls for a second.
constexpr std::size_t room = 1'000;

Result<double> ratio_of_a_round(const Bed& bed, SnapshotStand& stand, Seen& seen,
                                const std::string& what) {
    Seen apart;
    const auto peak =
        stand.overwrite(bed.told(bed.load(bench::Op::cas, 64, 1), what + ", the peak"), apart);
    if (!peak) return peak.error();
    bench::LoadOptions load = bed.load(bench::Op::cas, 64, room);
    load.rate = peak->per_second * share_of_peak;
    load.seconds *= times_as_long;
    const auto result = stand.overwrite(bed.told(load, what + ", 70 % of the peak"), seen);
    if (!result) return result.error();
    if (result->answered() == 0) return Error{ErrorKind::failed, "nothing was answered"};
    return static_cast<double>(result->latency.percentile(0.999)) /
           static_cast<double>(result->latency.percentile(0.5));
}

// What three nodes that write to one disk could do at best.
Result<std::string> tail_of_the_disk(const Bed& bed) {
    constexpr std::size_t enough = 10'000;  // for ten that are slower than p99.9
    bed.say("tail, the disk alone");
    const auto syncs = bench::measure_syncs(bed.settings.folder, 3, enough);
    if (!syncs) return syncs.error();
    const std::int64_t median = syncs->percentile(0.5), slow = syncs->percentile(0.999);
    return fmt::format(
        "of small writes by three at a time, each with its fdatasync, p50 is {} and "
        "p99.9 {}, {:.1f} times that; the slowest took {}",
        bench::duration_text(median), bench::duration_text(slow),
        static_cast<double>(slow) / static_cast<double>(median),
        bench::duration_text(syncs->max()));
}

}  // namespace

std::vector<Goal> tail_goals() {
    return {{"cas at 70 % of the peak rate, snapshots included: p99.9", Bound::under, 10, "",
             "the median"}};
}

Result<void> measure_tail(const Bed& bed, std::vector<Line>& lines) {
    auto stand = SnapshotStand::start(
        {bed.settings.raftkv, bed.settings.folder, snapshot_log_mib, tail_keys, tail_value_bytes},
        bed.interrupt);
    if (!stand) return stand.error();
    Seen seen;
    bench::LoadOptions first = bed.told(bed.load(bench::Op::set, 64, 16), "tail, its keys");
    first.requests = tail_keys;
    if (auto filled = stand->overwrite(first, seen); !filled) return filled.error();
    seen = Seen();
    std::vector<double> ratios;
    for (std::size_t i = 0; i < bed.settings.rounds; ++i) {
        const auto ratio = ratio_of_a_round(
            bed, *stand, seen, fmt::format("tail, round {} of {}", i + 1, bed.settings.rounds));
        if (!ratio) return ratio.error();
        ratios.push_back(*ratio);
    }
    if (seen.snapshots == 0) {
        lines[0].missing = "no snapshot was taken: it takes more --seconds";
        return {};
    }
    lines[0].samples = std::move(ratios);
    const auto disk = tail_of_the_disk(bed);
    if (!disk) return disk.error();
    lines[0].note = fmt::format("{} snapshots were taken meanwhile; {}", seen.snapshots, *disk);
    return {};
}

}  // namespace raftkv::benchmark
