#pragma once

#include "node/raft/state.hpp"

namespace raftkv::raft {

// What must hold between any two steps; stops the process when it does not. O(servers).
void check_invariants(const State& state);

}  // namespace raftkv::raft
