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
    // Why `record` cannot come next; empty when it can.
    std::string_view objection(const Record& record) const;
    // The record must be without objection.
    void apply(const Record& record);

    const raft::HardState& hard_state() const { return hard_state_; }
    LogIndex last_index() const { return last_index_; }
    LogIndex commit() const { return commit_; }  // never beyond last_index()
    const std::vector<raft::TermRun>& term_runs() const { return term_runs_; }

  private:
    raft::HardState hard_state_;
    LogIndex last_index_;
    LogIndex commit_;
    std::vector<raft::TermRun> term_runs_;  // ascending in index and term, none past last_index_
};

}  // namespace raftkv::storage
