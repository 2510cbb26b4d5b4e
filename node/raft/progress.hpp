#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "common/strong_types.hpp"
#include "node/raft/types.hpp"

namespace raftkv::raft {

// One message of entries on its way to a follower.
struct Inflight {
    LogIndex last_index;
    std::size_t bytes = 0;
};

// How far a follower got a snapshot. acked <= next <= snapshot.bytes.
struct SnapshotSending {
    SnapshotInfo snapshot;
    std::uint64_t acked = 0;     // stored there
    std::uint64_t next = 0;      // sent up to here
    bool asked = true;           // how much is there is being asked, and nothing is sent meanwhile
    bool fetch_pending = false;  // a piece is being read from disk
};

// What a leader knows of one follower (5.3: nextIndex and matchIndex).
struct Progress {
    // probe: where the logs agree is not known; one message at a time finds out.
    // replicate: it is known; messages are pipelined and next_index runs ahead of the answers.
    // snapshot: what it needs is not in the log any more; it is sent `sending` first.
    enum class Mode : std::uint8_t { probe, replicate, snapshot };

    NodeId id;
    bool votes = true;  // false: a learner, or one that was removed and has yet to learn it
    Mode mode = Mode::probe;
    LogIndex match_index;  // durable there and equal to ours; never goes back within a term
    LogIndex next_index;   // > match_index
    bool connected = true;
    bool probe_sent = false;        // probe: an answer is awaited
    bool fetch_pending = false;     // entries for it are being read from disk
    std::deque<Inflight> inflight;  // replicate: ascending
    std::size_t inflight_bytes = 0;
    SnapshotSending sending;    // snapshot
    MonotonicMs last_contact;   // of its last answer in this term
    MonotonicMs last_progress;  // when match_index last moved, or there was nothing to move it
    std::uint64_t acked_round = 0;
    std::uint64_t promised_round = 0;  // acked with a promise that is long enough for a lease
    bool differs = false;              // its state is the odd one out, and it is told so

    void start_probing(LogIndex next);
    void start_replicating();
    void start_snapshot(const SnapshotInfo& snapshot);
    // A message with entries up to `last` left.
    void sent(LogIndex last, std::size_t bytes);
    // The follower has everything up to `match`. False when that is no news.
    bool acknowledged(LogIndex match);
};

}  // namespace raftkv::raft
