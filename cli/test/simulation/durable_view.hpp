#pragma once

#include <cstdint>
#include <string>

#include "cli/test/simulation/memory_disk.hpp"
#include "cli/test/simulation/shadow_log.hpp"
#include "cli/test/simulation/truth.hpp"
#include "node/raft/types.hpp"
#include "node/storage/record.hpp"

namespace raftkv::simulation {

// What would be there if the power went now: the records in the durable bytes of a disk, read
// without the code that writes or recovers them. Follows the log as it grows.
class DurableView {
  public:
    // Looks at what became durable since the last time. What a snapshot stands for is what `truth`
    // knows to be committed.
    void refresh(const storage::MemoryDisk& disk, const Truth& truth);
    // From the beginning: after a crash, when the log may have lost its end.
    void restart() { *this = DurableView(); }

    const ShadowLog& log() const { return log_; }
    const raft::HardState& hard_state() const { return hard_; }
    std::uint64_t segments() const { return sequence_; }
    // The newest, and how large its header says that it is; empty and 0 before the first.
    const std::string& segment() const { return name_; }
    std::uint64_t segment_bytes() const { return segment_bytes_; }
    std::uint64_t truncations() const { return truncations_; }
    // The newest snapshot that counts, and how often a log went on after one that it had not
    // reached.
    LogIndex snapshot() const { return snapshot_; }
    std::uint64_t jumps() const { return jumps_; }

  private:
    bool next_segment(const storage::MemoryDisk& disk, const Truth& truth);
    bool next_record(std::string_view bytes, const Truth& truth);
    void take_snapshot(const storage::Record& record, const Truth& truth);

    ShadowLog log_;
    raft::HardState hard_;
    std::uint64_t sequence_ = 0;  // of the segment being read; 0 before the first
    std::string name_;
    std::uint64_t segment_bytes_ = 0;
    std::uint64_t salt_ = 0;
    std::uint64_t offset_ = 0;
    std::uint64_t truncations_ = 0;
    LogIndex snapshot_;
    std::uint64_t jumps_ = 0;
};

}  // namespace raftkv::simulation
