#include <fmt/format.h>

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
    lines[0].note = fmt::format("{} snapshots were taken meanwhile", seen.snapshots);
    return {};
}

}  // namespace raftkv::benchmark
