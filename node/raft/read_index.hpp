#pragma once

#include "node/raft/state.hpp"

// Linearizable reads without log entries: ReadIndex, thesis 6.4. All reads that wait share one
// round of confirmation; those that arrive while it runs share the next. A round asks no more
// servers than make a majority: those that answered last. The others are asked when that takes
// long.

namespace raftkv::raft {

void on_read(State& state, Effects& out, std::uint64_t read_id);

// Asks a majority whether we still lead, if reads wait, none is being asked for already, and this
// term has committed an entry.
void start_read_round(State& state, Effects& out);

// Heartbeats of a new round leave now.
void begin_round(State& state);

// Those that were asked first do not answer. A broadcast asks everybody.
bool reads_wait_too_long(const State& state);

// Answers what a majority has confirmed.
void answer_confirmed(State& state, Effects& out);

void on_heartbeat_response(State& state, Effects& out, Progress& follower,
                           const HeartbeatResponse& response);

// Leadership was lost: whoever leads now must answer.
void drop_reads(State& state, Effects& out);

}  // namespace raftkv::raft
