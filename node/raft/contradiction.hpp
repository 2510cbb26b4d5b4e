#pragma once

#include <cstdint>
#include <optional>

#include "common/strong_types.hpp"

namespace raftkv::raft {

// What the leader says cannot be true beside what this server has durably. No crash comes to that:
// a disk was put back to an older state, on this server or on those that elected the leader, or
// somebody forges messages. It is kept while that leader leads, and until it agrees again.
struct Contradiction {
    enum class Kind : std::uint8_t {
        other_entry,  // entry `index` is committed here, and the leader has another one there
        lost_tail,    // this server acknowledged everything up to `index`, and its log ends before
    };

    Kind kind = Kind::other_entry;
    NodeId leader;
    Term term;  // of the leader
    LogIndex index;
    Term ours, theirs;  // other_entry: of the entry
    LogIndex last;      // lost_tail: where the log ends

    bool operator==(const Contradiction&) const = default;
};

struct State;
struct AppendRequest;
struct SnapshotId;

// The entry before those of a request, one of these, or the last one of a snapshot.
bool contradicts_committed(State& state, NodeId leader, const AppendRequest& request);
bool contradicts_committed(State& state, NodeId leader, const SnapshotId& snapshot);
void look_for_lost_tail(State& state, NodeId leader, LogIndex acknowledged);
// The leader and this server have the same entries up to here.
void agrees_up_to(State& state, LogIndex index);

// Nothing when it was about a leader that leads no more.
std::optional<Contradiction> contradiction_with_leader(const State& state);

}  // namespace raftkv::raft
