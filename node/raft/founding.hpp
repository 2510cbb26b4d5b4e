#pragma once

#include <cstdint>

#include "node/raft/claim.hpp"
#include "node/raft/state.hpp"

// How a cluster comes to be. Servers that are all empty elect a leader as ever; its first entry
// holds a random number, the identity of the cluster. Once that entry is committed the cluster
// exists, and until then it is an entry like any other: another leader may put its own in its
// place.

namespace raftkv::raft {

// Notes, durably, that this server belongs to the cluster of its log, once that is certain.
void settle_cluster(State& state);
void join_cluster(State& state, Effects& out, std::uint64_t cluster);
// Its log is empty and its cluster is not: it has no vote before the log says that it has.
void wait_to_be_told(State& state);
Claim claim_of(const State& state);

}  // namespace raftkv::raft
