#pragma once

#include <cstdint>
#include <vector>

#include "node/raft/effects.hpp"
#include "node/storage/entry_index.hpp"
#include "node/storage/log_summary.hpp"
#include "node/storage/segment.hpp"

namespace raftkv::storage {

// A record that says that a snapshot counts.
struct SnapshotRecord {
    raft::SnapshotMark mark;
    std::uint64_t sequence = 0;  // of the segment that it is in
};

// Takes the segments out of a log, the oldest first, that nothing needs any more once the record
// is durable: they are older than it and hold no entry from mark.first_kept on.
std::vector<Segment> retire(const SnapshotRecord& record, std::vector<Segment>& segments,
                            EntryIndex& index, LogSummary& summary);

}  // namespace raftkv::storage
