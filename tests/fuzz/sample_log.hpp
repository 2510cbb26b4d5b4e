#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/test/simulation/file_image.hpp"
#include "common/strong_types.hpp"
#include "node/raft/types.hpp"
#include "node/storage/wal.hpp"

// A small log that was lived through once, and all that is to be known about it.

namespace raftkv::fuzz {

constexpr std::uint64_t sample_segment_bytes = 5u << 10;
constexpr storage::Identity sample_identity{
    .cluster_id = 0x5eed, .config_id = 0x5eed, .node_id = NodeId(1), .new_folder = 0xf01d};

// The state of a log as a number: term, vote, the snapshot, and all entries after it.
class LogSum {
  public:
    void take(const raft::HardState& state) { hard_state_ = state; }
    void take(const raft::Entry& entry);
    void truncate(LogIndex from);
    // Entries up to it are in it; with `voids`, those after it are void.
    void take(const raft::SnapshotId& snapshot, bool voids);
    // What can be read begins after this entry.
    void begin_after(const raft::SnapshotId& entry);
    std::uint64_t value() const;
    std::uint64_t last_index() const { return snapshot_.index.value() + entries_.size(); }

  private:
    raft::HardState hard_state_;
    raft::SnapshotId snapshot_;
    std::vector<std::uint64_t> entries_;  // a sum of each after the snapshot
};

// What is in the one chunk of a snapshot of this entry.
std::string chunk_of(const raft::SnapshotId& id);

struct SampleRecord {
    std::size_t segment = 0;  // in SampleLog::segments
    std::uint64_t offset = 0;
    std::string header;
    std::uint64_t synced = 0;
};

struct SampleLog {
    std::map<std::string, storage::FileBytes> files;
    std::vector<std::string> segments;
    std::vector<std::string> snapshots;
    std::vector<std::uint64_t> salts;  // of the segments
    std::vector<SampleRecord> records;
    // The state before the first record, and after each.
    std::vector<std::uint64_t> states;
    std::uint64_t end = 0;  // of the records in the last segment
    std::uint64_t last_index = 0;
    std::uint64_t commit = 0;
};

// A few dozen lives, the same in each process.
const std::vector<SampleLog>& sample_logs();

}  // namespace raftkv::fuzz
