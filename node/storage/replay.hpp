#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "common/bytes.hpp"
#include "node/raft/types.hpp"
#include "node/storage/entry_index.hpp"
#include "node/storage/log_summary.hpp"
#include "node/storage/record.hpp"
#include "node/storage/retire.hpp"
#include "node/storage/state_sink.hpp"

namespace raftkv::storage {

// Takes the records of a log in their order and collects what a node starts from. Committed
// entries after those that a snapshot holds are passed on at once; what is kept is as large as
// what was uncommitted at any time.
class Replay {
  public:
    // `sink` may be null: nobody listens. It has the state up to `snapshot`, which is 0 or the
    // index of a snapshot that is believed to count.
    Replay(StateSink* sink, LogIndex snapshot) : sink_(sink), snapshot_(snapshot) {
        passed_on_ = snapshot;
    }

    // Why the log cannot begin with this segment, or empty: then it does.
    std::string_view begin(const SegmentHeader& header);
    void start_segment(std::uint64_t sequence);
    // Why the record cannot come next, or empty: then it was taken.
    std::string_view take(const Record& record, const SharedBytes& payload, std::uint64_t offset);

    const LogSummary& summary() const { return summary_; }
    const EntryIndex& index() const { return index_; }
    // The last one that was taken.
    const std::optional<SnapshotRecord>& snapshot_record() const { return snapshot_record_; }
    // The entries after the commit and the snapshot.
    const std::deque<raft::Entry>& tail() const { return tail_; }
    // What the entries after the snapshot take in the log.
    std::uint64_t bytes_after_snapshot() const { return bytes_after_snapshot_; }

  private:
    void truncate_tail(LogIndex from);
    void release_committed();

    StateSink* sink_;
    LogIndex snapshot_;
    LogIndex passed_on_;  // the last entry that the sink has
    std::uint64_t sequence_ = 0;
    LogSummary summary_;
    EntryIndex index_;
    std::optional<SnapshotRecord> snapshot_record_;
    std::deque<raft::Entry> tail_;
    std::uint64_t bytes_after_snapshot_ = 0;
};

}  // namespace raftkv::storage
