#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/types.hpp"
#include "node/storage/wal.hpp"

// A small log that was lived through once, and all that is to be known about it.

namespace raftkv::fuzz {

constexpr std::uint64_t sample_segment_bytes = 5u << 10;
constexpr storage::Identity sample_identity{0x5eed, NodeId(1)};

// The state of a log as a number: term, vote and all entries.
class LogSum {
  public:
    void take(const raft::HardState& state) { hard_state_ = state; }
    void truncate(LogIndex from) { chain_.resize(from.value()); }
    void take(const raft::Entry& entry);
    std::uint64_t value() const;
    std::uint64_t last_index() const { return chain_.size() - 1; }

  private:
    raft::HardState hard_state_;
    std::vector<std::uint64_t> chain_ = {0};  // of the entries up to an index
};

struct SampleRecord {
    std::size_t segment = 0;  // in SampleLog::segments
    std::uint64_t offset = 0;
    std::string header;
    std::uint64_t synced = 0;
};

struct SampleLog {
    std::map<std::string, std::string> files;
    std::vector<std::string> segments;
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
