#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/membership.hpp"
#include "node/raft/types.hpp"

namespace raftkv::raft {

// A run of consecutive entries of one term: [first_index, the next run's first_index).
struct TermRun {
    LogIndex first_index;
    Term term;

    bool operator==(const TermRun&) const = default;
};

// What was on disk when this server started; empty for a new one.
struct Restored {
    HardState hard_state;
    LogIndex commit;  // known committed then; the owner has applied up to here
    // The first entry that the log still has, or would have; those before it are in the snapshot.
    LogIndex first_index{1};
    Term term_before_first;                // of entry first_index - 1
    std::optional<SnapshotInfo> snapshot;  // the newest that counts
    std::vector<TermRun> term_runs;        // of the log from first_index on, ascending
    std::vector<Entry> tail;               // the entries after `commit`, contiguous
    std::optional<MembershipAt> members;   // as of `commit`; nothing: still the first
    LogIndex last_index;                   // first_index - 1 when the log is empty
    // What the entries after the snapshot take in the log, headers included.
    std::uint64_t bytes_after_snapshot = 0;
};

}  // namespace raftkv::raft
