#pragma once

#include <span>
#include <vector>

#include "common/config.hpp"
#include "common/faults/fault_spec.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// The faults of one running node, over its control socket. Blocking; any thread. A node that is
// paused is given up after 2 s, and does what it was told when it goes on. A node has the socket
// only when it was started with --allow-faults.
//
// Errors: usage when the node is none of `config`, runs without --allow-faults or refuses the
// fault; unavailable when it does not run or answer; io when the socket cannot be used. Faults end
// with the process: a node that was started again has none.

namespace raftkv::cli {

// In force when this returns.
Result<void> apply_fault(const ClusterConfig& config, NodeId node, const FaultSpec& fault);
// The first error ends it; those before are in force.
Result<void> apply_faults(const ClusterConfig& config, NodeId node,
                          std::span<const FaultSpec> faults);

// All of them are lifted when this returns.
Result<void> clear_faults(const ClusterConfig& config, NodeId node);

// Those in force; `lasts_ms` is how much longer.
Result<std::vector<FaultSpec>> list_faults(const ClusterConfig& config, NodeId node);

}  // namespace raftkv::cli
