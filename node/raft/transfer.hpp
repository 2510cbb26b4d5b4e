#pragma once

#include <optional>

#include "node/raft/state.hpp"

// Handing leadership over without an election timeout: thesis 3.10.
//
// The target is brought up while proposals go on; only when everything has been sent to it are they
// kept out, until it has all and all is committed. Then it is told to campaign at once. So a leader
// that hands over leaves no proposal behind whose outcome nobody knows.

namespace raftkv::raft {

// Begins to hand over to `target`, or to the most advanced follower.
TransferStart start_transfer(State& state, Effects& out, std::optional<NodeId> target);

// Goes on with what was begun, as far as the followers' answers allow.
void advance_transfer(State& state, Effects& out);

// Gives up a transfer that takes longer than an election would.
void expire_transfer(State& state);

// The connection to the target, if `peer` is it, has closed.
void on_transfer_target_lost(State& state, NodeId peer);

// It is connected and was heard lately: one that hangs would keep proposals waiting for nothing.
bool answers(const State& state, const Progress& follower);

// Proposals wait: they will be the next leader's to take.
bool keeps_proposals_out(const State& state);

}  // namespace raftkv::raft
