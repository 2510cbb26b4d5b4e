#pragma once

#include "node/raft/state.hpp"

// Snapshots: thesis chapter 5. The owner takes and loads them; here is decided who needs one, and
// how its file gets there: in pieces, beside heartbeats and entries, going on where it stopped.

namespace raftkv::raft {

// Leaders: the log has not what the follower needs next.
bool needs_snapshot(const State& state, const Progress& follower);
// Sends the follower what it may have now of the snapshot. It must need one.
void send_snapshot(State& state, Effects& out, Progress& follower);
// Asks how much of the snapshot is there: first, and again when nothing was heard for a while.
void ask_how_far(State& state, Effects& out, Progress& follower);
void on_snapshot_response(State& state, Effects& out, Progress& follower,
                          const SnapshotResponse& response);
void on_snapshot_fetched(State& state, Effects& out, Progress& follower, const SnapshotFetch& fetch,
                         SharedBytes bytes);

// Followers.
void on_snapshot_chunk(State& state, Effects& out, NodeId from, const SnapshotChunk& chunk);
void on_snapshot_stored(State& state, Effects& out, const SnapshotId& id, std::uint64_t bytes);
// True when this server goes on from the snapshot.
bool install_snapshot(State& state, Effects& out, const SnapshotInfo& info, Membership members);

}  // namespace raftkv::raft
