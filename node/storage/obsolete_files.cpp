#include "node/storage/obsolete_files.hpp"

#include <algorithm>
#include <string>

#include "node/storage/snapshot_format.hpp"

namespace raftkv::storage {

void ObsoleteFiles::add(const std::vector<Segment>& segments, LogIndex snapshot) {
    std::lock_guard lock(mutex_);
    segments_.insert(segments_.end(), segments.begin(), segments.end());
    snapshot_ = std::max(snapshot_, snapshot);
}

bool ObsoleteFiles::any() const {
    std::lock_guard lock(mutex_);
    return !segments_.empty() || snapshots_removed_ < snapshot_;
}

std::uint64_t ObsoleteFiles::segment_bytes() const {
    std::lock_guard lock(mutex_);
    std::uint64_t bytes = 0;
    for (const Segment& segment : segments_) {
        bytes += segment.bytes;
    }
    return bytes;
}

// The folder is synced once for all: after a loss of power any of the names may be there again,
// and recovery knows that segments before a gap are of this kind.
Result<void> ObsoleteFiles::remove() {
    LogIndex snapshot;
    {
        std::lock_guard lock(mutex_);
        snapshot = snapshot_;
    }
    if (auto removed = remove_segments(); !removed) {
        return removed;
    }
    if (auto removed = remove_snapshots_before(snapshot); !removed) {
        return removed;
    }
    if (auto synced = disk_.sync_folder(); !synced) {
        return synced;
    }
    std::lock_guard lock(mutex_);
    snapshots_removed_ = snapshot;
    return {};
}

Result<void> ObsoleteFiles::remove_segments() {
    for (;;) {
        std::string name;
        {
            std::lock_guard lock(mutex_);
            if (segments_.empty()) {
                return {};
            }
            name = segments_.front().name;
        }
        if (auto removed = disk_.remove(name); !removed) {
            return removed;
        }
        std::lock_guard lock(mutex_);
        segments_.pop_front();
    }
}

// Also those that never counted: a newer one came while they were written.
Result<void> ObsoleteFiles::remove_snapshots_before(LogIndex snapshot) {
    auto names = disk_.list();
    if (!names) {
        return names.error();
    }
    for (const std::string& name : *names) {
        const auto index = parse_snapshot_name(name);
        if (!index || *index >= snapshot) {
            continue;
        }
        if (auto removed = disk_.remove(name); !removed) {
            return removed;
        }
    }
    return {};
}

}  // namespace raftkv::storage
