#pragma once

#include <optional>
#include <span>
#include <vector>

#include "node/raft/state.hpp"

// Log replication: thesis 3.5 (paper 5.3), 3.6.2 (paper 5.4.2), 10.2.1 (writing to the leader's
// disk in parallel), 6.2 (check-quorum), 3.10 (leadership transfer).

namespace raftkv::raft {

// Leaders.

// Sends everybody what is new.
void broadcast_appends(State& state, Effects& out);

void start_leading(State& state, Effects& out);
void stop_leading(State& state, Effects& out);

// Appends payloads as commands of this term and sends them. The index of the first, or nothing
// when this server takes no proposals now.
std::optional<LogIndex> propose(State& state, Effects& out, std::span<const SharedBytes> payloads);
bool takes_proposals(const State& state);

void on_append_response(State& state, Effects& out, Progress& follower,
                        const AppendResponse& response);
// Entries that were read from disk for a follower.
void on_entries_fetched(State& state, Effects& out, Progress& follower, std::vector<Entry> entries);

// Where to look for agreement with a follower of which only match_index is known.
LogIndex first_to_try(const State& state, const Progress& follower);

// Sends a follower what it may have now: a probe, as much as its window takes, or of a snapshot.
void send_appends(State& state, Effects& out, Progress& follower);

// Commits what a majority has durably, if it is of this term (5.4.2).
void commit_what_a_majority_has(State& state, Effects& out);

// Heartbeats, retries, check-quorum and the end of a failed transfer.
void tick_leader(State& state, Effects& out);
void broadcast_heartbeat(State& state, Effects& out);
// With the round that is under way.
void send_heartbeat(const State& state, Effects& out, const Progress& follower);

// Followers.

void on_append_request(State& state, Effects& out, NodeId from, const AppendRequest& request);
void on_heartbeat(State& state, Effects& out, NodeId from, const Heartbeat& heartbeat);

}  // namespace raftkv::raft
