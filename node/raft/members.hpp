#pragma once

#include <cstdint>

#include "node/raft/restored.hpp"
#include "node/raft/state.hpp"

// Which membership is in force, as entries come into the log and leave it (thesis 4.1), and whom a
// leader therefore speaks to: all members, and those that were removed until they know it.

namespace raftkv::raft {

void start_members(State& state, const Restored& restored);
// An entry of kind `members` is in the log; its payload can be decoded.
void take_members(State& state, const Entry& entry);
// This entry of the log and the later ones are void.
void forget_members_from(State& state, LogIndex from);
// The log goes on after a snapshot, which says this.
void restart_members(State& state, MembershipAt members);
// Everything up to here is applied: what came before is history.
void forget_members_before(State& state, LogIndex applied);

// A server under the id of a member whose data folder is known to be another one.
bool is_somebody_else(const State& state, NodeId id);

// Leaders: a Progress for everybody who has to be spoken to.
void follow_members(State& state);
// Leaders: those that were removed go, once they know it or cannot be told.
void drop_those_who_left(State& state);
// Leaders: the last entry that this follower may be sent. An entry that removes a server reaches it
// only once it is committed; until then its vote may be needed, and it has to know that it has one.
LogIndex last_to_send(const State& state, const Progress& follower);

}  // namespace raftkv::raft
