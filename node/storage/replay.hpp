#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

#include "common/bytes.hpp"
#include "node/raft/restored.hpp"
#include "node/raft/types.hpp"
#include "node/storage/entry_index.hpp"
#include "node/storage/log_summary.hpp"
#include "node/storage/record.hpp"

namespace raftkv::storage {

// Takes the records of a log in their order and collects what a node starts from. Committed
// entries are passed on at once; what is kept is as large as what was uncommitted at any time.
class Replay {
  public:
    explicit Replay(const std::function<void(const raft::Entry&)>& on_committed);

    void start_segment(std::uint64_t sequence) { index_.start_segment(sequence); }
    // Why the record cannot come next, or empty: then it was taken.
    std::string_view take(const Record& record, const SharedBytes& payload, std::uint64_t offset);

    const LogSummary& summary() const { return summary_; }
    const EntryIndex& index() const { return index_; }
    raft::Restored restored() const;

  private:
    void release_committed();

    const std::function<void(const raft::Entry&)>& on_committed_;
    LogSummary summary_;
    EntryIndex index_;
    std::deque<raft::Entry> tail_;  // the entries after summary_.commit()
};

}  // namespace raftkv::storage
