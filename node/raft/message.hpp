#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/types.hpp"

// What servers say to each other. node/wire turns these into bytes and back.

namespace raftkv::raft {

// Asks for a vote in the message's term (5.2). With `pre` it only asks whether the vote would be
// given (thesis 9.6): the message's term is then the one that the sender would campaign in.
struct VoteRequest {
    bool pre = false;
    // The leader asked for this election itself (leadership transfer, thesis 3.10): followers do
    // not refuse it on the ground that they still hear from a leader.
    bool leader_transfer = false;
    LogIndex last_index;
    Term last_term;
};

struct VoteResponse {
    bool pre = false;
    bool granted = false;
};

// 5.3. At least one entry, or none as a probe that finds where the logs agree.
struct AppendRequest {
    LogIndex prev_index;
    Term prev_term;
    LogIndex commit;
    std::vector<Entry> entries;
};

struct AppendResponse {
    bool accepted = false;
    // accepted: everything up to here is durable on the sender and equal to the leader's log.
    // rejected: the prev_index that did not match.
    LogIndex index;
    // rejected: a hint where to go on (end of 5.3). The follower's term at `index` and the first
    // index that it has of that term; or term 0 and the index after its last entry.
    Term conflict_term;
    LogIndex conflict_index;
};

// A piece of the file of a snapshot, for a follower that needs entries which the leader's log no
// longer holds (thesis 5.1, in pieces beside ordinary traffic). Without bytes it asks how much of
// it is there.
struct SnapshotChunk {
    SnapshotInfo snapshot;
    std::uint64_t offset = 0;  // offset + bytes.size() <= snapshot.bytes
    SharedBytes bytes;
};

// So much of it is there. That it is installed is said by an AppendResponse.
struct SnapshotResponse {
    LogIndex index;
    std::uint64_t bytes = 0;
};

// Keeps the leadership alive and asks for confirmation of it. `round` numbers the leader's
// questions (ReadIndex, thesis 6.4); the answer repeats it.
struct Heartbeat {
    LogIndex commit;  // never beyond what the receiver is known to have
    std::uint64_t round = 0;
    StateMark state = {};  // the newest of the leader's state machine
    bool differs = false;  // the receiver's state is the odd one out
};

struct HeartbeatResponse {
    std::uint64_t round = 0;
    StateMark state = {};  // the newest of the sender's state machine
    // For so long from now on the sender helps nobody else to be elected, whatever becomes of its
    // connection to the leader. 0: it promises nothing, and no lease may rest on this answer.
    std::uint32_t promise_ms = 0;
};

// The leader hands over: campaign at once (thesis 3.10).
struct TimeoutNow {};

using Body = std::variant<VoteRequest, VoteResponse, AppendRequest, AppendResponse, Heartbeat,
                          HeartbeatResponse, TimeoutNow, SnapshotChunk, SnapshotResponse>;

// What a clock of the sender shows as the message leaves: the cluster's, where the sender knows it,
// or else its wall clock. The owner puts it in and looks at it; the core does neither.
struct ClockReading {
    bool of_cluster = false;
    std::int64_t us = 0;  // not negative

    bool operator==(const ClockReading&) const = default;
};

struct Message {
    Term term;
    Body body;
    ClockReading clock = {};
};

}  // namespace raftkv::raft
