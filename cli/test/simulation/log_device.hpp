#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cli/test/simulation/counters.hpp"
#include "cli/test/simulation/dice.hpp"
#include "cli/test/simulation/memory_disk.hpp"
#include "cli/test/simulation/plan.hpp"
#include "common/error.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/types.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::simulation {

// What the log has to say to its replica.
struct LogNews {
    struct Fetched {
        NodeId follower;
        std::vector<raft::Entry> entries;
    };
    std::optional<std::uint64_t> persisted;
    std::vector<Fetched> fetched;
    std::optional<bool> has_room;
    std::optional<Error> fatal;  // the process ends
};

enum class LogTask : std::uint8_t { sync, segment, idle_mark, room_retry };

// The log's threads, on simulated time: one batch is written and synced while the next gathers;
// segments are prepared beside that; a full disk is tried again.
class LogDevice {
  public:
    using Schedule = std::function<void(LogTask task, Micros after)>;

    LogDevice(const Plan& plan, std::uint32_t node, std::uint64_t life, Counters& counters,
              Schedule schedule);

    Result<void> open(storage::MemoryDisk& disk, const storage::Identity& identity,
                      storage::StateSink& sink, storage::Recovered& recovered);

    void submit(raft::LogWrite write);
    void fetch(const raft::EntryFetch& fetch);
    // The time of a scheduled task has come.
    LogNews run(LogTask task);

    bool is_syncing() const { return syncing_; }
    // A segment is being made, or what is obsolete removed.
    bool is_preparing() const { return preparing_; }
    void slow_down(Micros by) { extra_ = by; }
    void stall(bool stalled);

  private:
    void begin();
    void write_batch(LogNews& news);
    void serve_fetches(LogNews& news);
    void prepare(LogNews& news);
    void tell_room(LogNews& news);

    storage::WalOptions options_;
    Pace pace_;
    Dice dice_;
    Counters& counters_;
    Schedule schedule_;
    std::unique_ptr<storage::Wal> wal_;
    std::vector<raft::LogWrite> submitted_, batch_;
    std::vector<raft::EntryFetch> requested_, fetches_;
    bool syncing_ = false;
    bool stalled_ = false;
    bool due_ = false;  // a sync whose time came while the disk was stalled
    bool preparing_ = false;
    bool preparation_failed_ = false;
    bool blocked_ = false;  // the first of batch_ finds no room
    bool room_told_ = true;
    bool idle_marked_ = true;
    std::uint64_t idle_count_ = 0;  // batches since the mark was asked for
    Micros extra_ = 0;
};

}  // namespace raftkv::simulation
