#pragma once

#include <cstdint>

#include "node/raft/state.hpp"

// Some servers may be preferred as leaders. That is a wish and no rule: votes are given for logs
// alone, so who may lead, and whether anybody does, never depends on a priority.

namespace raftkv::raft {

// The larger the sooner; 1 for servers of which nothing else was said.
std::uint32_t priority_of(const State& state, NodeId server);

// Of two servers whose logs are equal the first one should lead.
bool is_preferred(const State& state, NodeId first, NodeId second);

// A server of higher priority is there: it should get the time to campaign before this one.
bool is_outranked(const State& state);

// Leaders: hands over to a follower of higher priority that has kept up. Seldom, and ever more so
// where that does not come about: each time proposals have to wait.
void prefer_priority(State& state, Effects& out);

// A new leader waits a while before it looks.
void start_preferring(State& state);

}  // namespace raftkv::raft
