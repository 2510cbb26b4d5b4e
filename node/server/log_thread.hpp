#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/types.hpp"
#include "node/replica/ports.hpp"
#include "node/server/latency_histogram.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::server {

// The log's two threads: one appends and syncs, one prepares segments ahead. Everything that
// gathered while a sync ran is the next one's batch. What crosses over is handed over whole; the
// lock is held only to swap lists.
//
// An I/O error ends the process with exit code 74 at once: after a failed sync nobody knows what is
// on the disk, and nothing may be said that rests on it.
class LogThread final : public replica::LogPort {
  public:
    // What happened since the last collect().
    struct Done {
        std::optional<std::uint64_t> persisted;  // the latest durable sequence
        struct Fetched {
            NodeId follower;
            std::vector<raft::Entry> entries;
        };
        std::vector<Fetched> fetched;
        std::optional<bool> has_room;  // changed to this
    };
    struct Stats {
        LatencyHistogram sync_us;
        std::uint64_t log_bytes = 0;
    };

    // `notify` is called on a thread of the log when there is something to collect; it must only
    // wake the owner up.
    LogThread(std::unique_ptr<storage::Wal> wal, std::function<void()> notify);
    // Finishes and syncs what was submitted, where there is room for it.
    ~LogThread() override;

    void submit(raft::LogWrite write) override;
    void fetch(const raft::EntryFetch& fetch) override;

    Done collect();
    Stats stats() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
