#pragma once

#include <vector>

#include "common/config.hpp"
#include "common/faults/fault_spec.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// The faults of one running node, over its control socket. Blocking, bounded in time (5 s); any
// thread. A node has the socket only when it was started with --allow-faults.
//
// Errors: usage when the node is none of `config`, runs without --allow-faults or refuses the
// fault; unavailable when it does not run; io when the socket cannot be used. Faults end with the
// process: a node that was started again has none.

namespace raftkv::cli {

// In force when this returns.
Result<void> apply_fault(const ClusterConfig& config, NodeId node, const FaultSpec& fault);

// All of them are lifted when this returns.
Result<void> clear_faults(const ClusterConfig& config, NodeId node);

// Those in force; `lasts_ms` is how much longer.
Result<std::vector<FaultSpec>> list_faults(const ClusterConfig& config, NodeId node);

}  // namespace raftkv::cli
