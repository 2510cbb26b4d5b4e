#pragma once

#include <cstddef>
#include <cstdint>

#include "common/strong_types.hpp"

namespace raftkv::replica {

// How fast a snapshot is read out. By itself it has no hurry: all nodes take theirs at about the
// same time, often on one disk and one machine, and clients wait for whatever is done beside their
// commands. What hurries it is what piles up until it is done: the log, on a disk that has the old
// snapshot and the new one already, and the records that are kept for it, in memory.
class SnapshotPace {
  public:
    // Since it was begun.
    struct Pile {
        std::uint64_t logged_bytes = 0;  // what the entries applied take on disk
        std::uint64_t kept_bytes = 0;    // of the records kept for it now
    };

    explicit SnapshotPace(MonotonicMs now);

    // How many chunks may be read now, at most.
    int chunks(MonotonicMs now, const Pile& pile) const;
    // One was read, or so many bytes' worth of work was done for it.
    void read(MonotonicMs now, std::size_t bytes);

  private:
    std::int64_t allowance(MonotonicMs now) const;

    std::uint64_t read_bytes_ = 0;
    MonotonicMs counted_at_;
    std::int64_t allowance_;  // at counted_at_: bytes that time allows; may be a debt
};

}  // namespace raftkv::replica
