#pragma once

#include <cstddef>
#include <cstdint>

namespace raftkv::replica {

// When a snapshot of its own is due.
struct SnapshotOptions {
    // The log since the last one has more bytes than this, and than `ratio` times the live data;
    // or the folder would take more than it may before another one is done.
    std::uint64_t min_log_bytes = 64u << 20;
    std::uint32_t ratio = 1;
    std::uint32_t retry_ms = 5000;  // after one that failed, for want of space
    // It is read out so many bytes a turn. The same on all servers, for equal files.
    std::size_t chunk_bytes = 64u << 10;
};

// What a replica has, by which that is decided.
struct SnapshotNeed {
    std::uint64_t store_bytes = 0;          // in memory
    std::uint64_t snapshot_bytes = 0;       // what is in one that is taken now
    std::uint64_t last_snapshot_bytes = 0;  // of the file that is there; 0: none
    std::uint64_t log_bytes = 0;            // of the entries since that one, by raft::cost_of
    std::uint64_t log_entries = 0;          // so many
    bool is_sending = false;                // that one, to a follower
};

bool snapshot_is_due(const SnapshotOptions& options, const SnapshotNeed& need);

// What a folder may take (README.md): this, and once more the live data while a snapshot is sent.
std::uint64_t disk_bound(const SnapshotOptions& options, std::uint64_t snapshot_bytes);

// What entries take in segments of the log, at most.
std::uint64_t log_on_disk(std::uint64_t log_bytes, std::uint64_t entries);

// So much of itself is read out of a snapshot for so much that comes into the log meanwhile, at
// least: what comes is at most three quarters of the live data.
constexpr std::uint64_t read_bytes_for = 4, logged_bytes = 3;

}  // namespace raftkv::replica
