#include "node/replica/snapshot_pace.hpp"

#include <algorithm>

#include "node/replica/snapshot_due.hpp"

namespace raftkv::replica {
namespace {

// 8 MiB a second. Three nodes on two cores, under as much load as they can bear, take a tenth of
// the machine for it.
constexpr std::int64_t bytes_a_ms = 8 << 10;
// What was not used is not made up for: whoever had no time for it is busy.
constexpr std::int64_t most_saved_bytes = 64 << 10;
constexpr std::int64_t most_owed_bytes = 64 << 10;
// It ends before the log has grown by three quarters of the data (snapshot_due.hpp), and before an
// eighth of the data is kept, even if each write hits what is still to be read.
constexpr std::uint64_t read_for_a_kept_byte = 8;
// One chunk a turn is hardly felt; that far behind, there is no choice.
constexpr std::uint64_t far_behind_bytes = 1 << 20;
constexpr int chunks_in_haste = 8;

}  // namespace

SnapshotPace::SnapshotPace(MonotonicMs now) : counted_at_(now), allowance_(most_saved_bytes) {}

int SnapshotPace::chunks(MonotonicMs now, const Pile& pile) const {
    const std::uint64_t due = std::max(pile.logged_bytes * read_bytes_for / logged_bytes,
                                       pile.kept_bytes * read_for_a_kept_byte);
    if (due > read_bytes_ + far_behind_bytes) return chunks_in_haste;
    return due > read_bytes_ || allowance(now) >= 0 ? 1 : 0;
}

void SnapshotPace::read(MonotonicMs now, std::size_t bytes) {
    read_bytes_ += bytes;
    allowance_ = std::max(allowance(now) - static_cast<std::int64_t>(bytes), -most_owed_bytes);
    counted_at_ = now;
}

std::int64_t SnapshotPace::allowance(MonotonicMs now) const {
    return std::min(allowance_ + (now - counted_at_) * bytes_a_ms, most_saved_bytes);
}

}  // namespace raftkv::replica
