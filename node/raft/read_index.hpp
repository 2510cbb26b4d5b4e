#pragma once

#include "node/raft/state.hpp"

// Linearizable reads without log entries: ReadIndex, thesis 6.4. All reads that wait share one
// round of confirmation; those that arrive while it runs share the next.

namespace raftkv::raft {

void on_read(State& state, Effects& out, std::uint64_t read_id);

// Asks a majority whether we still lead, if reads wait, none is being asked for already, and this
// term has committed an entry.
void start_read_round(State& state, Effects& out);

// A round of heartbeats leaves now.
void note_round(State& state);

// Answers what a majority has confirmed.
void answer_confirmed(State& state, Effects& out);

void on_heartbeat_response(State& state, Effects& out, Progress& follower,
                           const HeartbeatResponse& response);

// Leadership was lost: whoever leads now must answer.
void drop_reads(State& state, Effects& out);

}  // namespace raftkv::raft
