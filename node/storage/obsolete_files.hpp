#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/segment.hpp"

namespace raftkv::storage {

// What a snapshot made superfluous and has not been removed yet. Removing large files takes a
// while, so one thread adds while another removes; the lock is not held over I/O.
class ObsoleteFiles {
  public:
    explicit ObsoleteFiles(Disk& disk) : disk_(disk) {}

    // This snapshot counts: the segments, and all older snapshots, are of no use.
    void add(const std::vector<Segment>& segments, LogIndex snapshot);

    bool any() const;
    // Oldest first. What could not be removed stays for the next time.
    Result<void> remove();
    std::uint64_t segment_bytes() const;

  private:
    Result<void> remove_segments();
    Result<void> remove_snapshots_before(LogIndex snapshot);

    Disk& disk_;
    mutable std::mutex mutex_;
    std::deque<Segment> segments_;
    LogIndex snapshot_;           // the newest that counts
    LogIndex snapshots_removed_;  // those before this one
};

}  // namespace raftkv::storage
