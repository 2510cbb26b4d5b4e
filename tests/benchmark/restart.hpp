#pragma once

#include <cstdint>

#include "cli/bench/cluster.hpp"
#include "cli/test/interrupt.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// How long nodes that were killed take to come back. All have `keys` keys.

namespace raftkv::benchmark {

struct Restart {
    double served_ms = 0;  // until a leader has answered a read
    double ready_ms = 0;   // until the last node has loaded all keys and answers
};

// Kills all nodes of a cluster of its own at once, and starts them.
Result<Restart> restart_all(bench::Cluster& cluster, std::uint64_t keys,
                            const test::Interrupt& interrupt);

// Kills and starts one beside the others: the time until it is ready.
Result<double> restart_one(bench::Cluster& cluster, NodeId node, std::uint64_t keys);

}  // namespace raftkv::benchmark
