#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "node/replica/ports.hpp"
#include "node/replica/snapshot_work.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::server {

// The thread that writes, receives, reads and loads snapshots, and frees what they replace. What
// crosses over is handed over whole.
//
// An I/O error ends the process with exit code 74 at once, like one of the log.
class SnapshotThread final : public replica::SnapshotPort {
  public:
    // `notify` is called on the thread when there is something to collect; it must only wake the
    // owner up. `disk` outlives this.
    SnapshotThread(storage::Disk& disk, std::uint64_t cluster_id, std::function<void()> notify);
    // What waits is not done any more: a snapshot that is not finished is none.
    ~SnapshotThread() override;

    void belong_to(std::uint64_t cluster) override;
    void begin(const raft::SnapshotId& id, std::string members) override;
    void add(std::string chunk) override;
    void end() override;
    void give_up() override;
    std::size_t waiting_bytes() const override;
    void store(const raft::SnapshotPiece& piece) override;
    void fetch(const raft::SnapshotFetch& fetch) override;
    void discard(const raft::SnapshotId& id) override;
    void dispose(kv::Store store) override;

    // What was answered since the last time.
    std::vector<replica::SnapshotAnswer> collect();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
