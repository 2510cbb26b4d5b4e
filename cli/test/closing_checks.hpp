#pragma once

#include <chrono>
#include <cstdint>

#include "cli/test/client_crew.hpp"
#include "cli/test/cluster_watch.hpp"
#include "cli/test/history/expiry.hpp"
#include "cli/test/history/history.hpp"
#include "cli/test/interrupt.hpp"
#include "common/result.hpp"

// What scenarios and chaos look at alike when all is over.

namespace raftkv::test {

// Until all clients are done; then what they did can be taken. What happens to the cluster, or an
// interruption, breaks them off, and its Error comes first: it explains what happened to them.
Result<void> see_through(ClientCrew& crew, ClusterWatch& watch, const Interrupt& interrupt);

// For so many clients, who read every key of the history once, between them. An Error names a key
// that could not be read within the time that a client of this crew has.
Work reading_all(const History& history, std::uint32_t clients, std::chrono::milliseconds within);

// Waits until all running nodes are level, and compares what they have applied, key by key; gives
// it as reads, to be judged with the history. An Error names the first difference.
Result<History> read_equal_states(ClusterWatch& watch, const History& history,
                                  std::chrono::milliseconds limit);

// An Error names the first thing in the history that no correct store could have answered, as far
// as the rules of the verdict find it.
Result<void> judge_by_rules(const History& history, const Limits& limits);

}  // namespace raftkv::test
