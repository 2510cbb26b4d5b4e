#include "node/replica/snapshot_due.hpp"

#include <algorithm>

#include "node/storage/record.hpp"

namespace raftkv::replica {
namespace {

constexpr std::uint64_t mib = 1u << 20;

// What the log takes that is neither of entries since the snapshot nor of those that come while the
// next one is taken: a segment that only in part is wanted still, the one that is written to, and
// the one ahead; and the entries before the snapshot that stay for followers, 16 MiB in memory.
constexpr std::uint64_t beside_bytes = 96 * mib;

}  // namespace

// A record is never larger than raft::cost_of() its entry. There may be a commit mark for each;
// and a sixteenth of a segment, and where the next entry did not fit, stay free.
std::uint64_t log_on_disk(std::uint64_t log_bytes, std::uint64_t entries) {
    return (log_bytes + entries * storage::record_bytes(0)) * 5 / 4;
}

std::uint64_t disk_bound(const SnapshotOptions& options, std::uint64_t snapshot_bytes) {
    return (2 + options.ratio) * snapshot_bytes + options.min_log_bytes + 192 * mib;
}

bool snapshot_is_due(const SnapshotOptions& options, const SnapshotNeed& need) {
    if (need.log_entries == 0) return false;  // it would be the same
    const std::uint64_t log_bytes =
        std::max(options.min_log_bytes, options.ratio * need.store_bytes);
    // The one that is being sent would have to be sent anew; but the log must not wait for ever.
    // A follower that could not be sent as much as the data in the time in which as much log comes
    // would never catch up anyway.
    if (need.log_bytes > log_bytes * (need.is_sending ? 4 : 1)) return true;
    const std::uint64_t file = need.snapshot_bytes + need.snapshot_bytes / 1024;
    const std::uint64_t when_done = need.last_snapshot_bytes + file +
                                    log_on_disk(need.log_bytes, need.log_entries) +
                                    file * logged_bytes / read_bytes_for + beside_bytes;
    return when_done >
           disk_bound(options, need.snapshot_bytes) + (need.is_sending ? need.snapshot_bytes : 0);
}

}  // namespace raftkv::replica
