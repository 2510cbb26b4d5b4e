#pragma once

#include "node/raft/effects.hpp"
#include "node/raft/member_change.hpp"
#include "node/raft/state.hpp"

// How a leader changes who belongs to the cluster (thesis 4): on order, and by itself where an
// order takes several entries. What it still has to do is written in the membership, so that the
// next leader goes on with it.

namespace raftkv::raft {

ChangeStart change_members(State& state, Effects& out, const MemberChange& change);

// Leaders, at each tick: goes on with what was begun.
void advance_members(State& state, Effects& out);

// The first entry of a leader's term (5.4.2, 6.4): with the folders that it knows of, if they are
// news, or else empty.
Entry first_entry_of_term(State& state);

// Which folder that server has.
void on_folder_heard(State& state, Effects& out, const MemberFolder& heard);

}  // namespace raftkv::raft
