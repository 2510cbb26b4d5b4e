#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/restored.hpp"
#include "node/raft/types.hpp"
#include "node/storage/record.hpp"

namespace raftkv::storage {

// What the records of a log say in sum. The same rules for records that are read, which may be
// anything, and for those to be written, where breaking one is a broken invariant.
class LogSummary {
  public:
    LogSummary() = default;
    // Of a log whose first segment has this header. Why that cannot be is asked first.
    explicit LogSummary(const SegmentHeader& header);
    static std::string_view objection(const SegmentHeader& header);

    // Why `record` cannot come next; empty when it can.
    std::string_view objection(const Record& record) const;
    // The record must be without objection.
    void apply(const Record& record);
    // Entries before `first`, which is at most last_index() + 1, are gone.
    void forget_before(LogIndex first);

    const raft::HardState& hard_state() const { return hard_state_; }
    LogIndex first_index() const { return before_.index + 1; }  // last_index() + 1 when it is empty
    Term term_before_first() const { return before_.term; }
    LogIndex last_index() const { return last_index_; }
    LogIndex commit() const { return commit_; }                     // never beyond last_index()
    const raft::SnapshotId& snapshot() const { return snapshot_; }  // index 0 when none counts
    const std::vector<raft::TermRun>& term_runs() const { return term_runs_; }
    // Of an entry from first_index() - 1 up to last_index().
    Term term_at(LogIndex index) const;
    // Whether this entry is in the log, or among those that are gone.
    bool holds(const raft::SnapshotId& entry) const;

  private:
    raft::HardState hard_state_;
    raft::SnapshotId before_;  // the entry before the first
    LogIndex last_index_;
    LogIndex commit_;
    raft::SnapshotId snapshot_;
    std::vector<raft::TermRun> term_runs_;  // ascending in index and term, none past last_index_
};

}  // namespace raftkv::storage
