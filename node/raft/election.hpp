#pragma once

#include "node/raft/state.hpp"

// Leader election: thesis 3.4 (paper 5.2), 3.6.1 (paper 5.4.1), 9.6 (pre-vote), 6.2 (check-quorum),
// 3.10 (leadership transfer).

namespace raftkv::raft {

// A full random timeout from now (5.2).
void reset_election_timer(State& state);
// Followers and candidates: the timer has run out.
void on_election_timeout(State& state, Effects& out);

// Follows in `term`; `leader` when it is known. Same term: the vote stays.
void become_follower(State& state, Effects& out, Term term, std::optional<NodeId> leader);

// Asks whether an election could be won, without touching any term (9.6).
void start_pre_vote(State& state, Effects& out);

// Campaigns in the next term.
void start_election(State& state, Effects& out, bool leader_transfer);

void on_vote_request(State& state, Effects& out, NodeId from, Term term,
                     const VoteRequest& request);
void on_vote_response(State& state, Effects& out, NodeId from, Term term,
                      const VoteResponse& response);

// Our own vote counts once it is on disk.
void on_own_vote_durable(State& state, Effects& out);

void on_timeout_now(State& state, Effects& out);

// The connection to the leader closed: no need to sit out the timeout.
void on_leader_lost(State& state);

}  // namespace raftkv::raft
