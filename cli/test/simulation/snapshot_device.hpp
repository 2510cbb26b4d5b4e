#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "cli/test/simulation/dice.hpp"
#include "cli/test/simulation/memory_disk.hpp"
#include "cli/test/simulation/plan.hpp"
#include "common/result.hpp"
#include "node/replica/ports.hpp"
#include "node/replica/snapshot_work.hpp"

namespace raftkv::simulation {

// The thread for snapshots, on simulated time: one task after another.
class SnapshotDevice final : public replica::SnapshotPort {
  public:
    // `after` so long a time step() is to be called.
    using Schedule = std::function<void(Micros after)>;

    SnapshotDevice(const Plan& plan, std::uint32_t node, std::uint64_t life,
                   storage::MemoryDisk& disk, std::uint64_t cluster_id, Schedule schedule);

    // The next task's time has come. An error ends the process.
    Result<std::vector<replica::SnapshotAnswer>> step();
    bool is_working() const { return !tasks_.empty(); }
    void slow_down(Micros by) { extra_ = by; }
    void stall(bool stalled);

    void belong_to(std::uint64_t cluster) override { submit(replica::BelongTo{cluster}); }
    void begin(const raft::SnapshotId& id, std::string members) override {
        submit(replica::BeginSnapshot{id, std::move(members)});
    }
    void add(std::string chunk) override { submit(replica::AddToSnapshot{std::move(chunk)}); }
    void end() override { submit(replica::EndSnapshot{}); }
    void give_up() override { submit(replica::GiveUpSnapshot{}); }
    std::size_t waiting_bytes() const override { return waiting_bytes_; }
    void store(const raft::SnapshotPiece& piece) override { submit(piece); }
    void fetch(const raft::SnapshotFetch& fetch) override { submit(fetch); }
    void discard(const raft::SnapshotId& id) override { submit(replica::DiscardSnapshot{id}); }
    void dispose(kv::Store store) override { submit(std::move(store)); }

  private:
    void submit(replica::SnapshotTask task);
    void schedule_next();

    Pace pace_;
    Dice dice_;
    Schedule schedule_;
    replica::SnapshotWork work_;
    std::deque<replica::SnapshotTask> tasks_;
    std::size_t waiting_bytes_ = 0;
    bool stalled_ = false;
    bool due_ = false;  // a step whose time came while the disk was stalled
    Micros extra_ = 0;
};

}  // namespace raftkv::simulation
