#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/config.hpp"
#include "common/faults/fault_spec.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// Faults of a whole cluster, as people name them, and what each node must do for them.

namespace raftkv::cli {

struct NodeFault {
    NodeId node;
    FaultSpec fault;
    // The other end of the link does the same, so that the fault outlives the restart of one of
    // them, and holds when this one is down.
    bool has_twin = false;

    bool operator==(const NodeFault&) const = default;
};

// Nothing of what `from` says arrives at `to`.
std::vector<NodeFault> cut_one_way(NodeId from, NodeId to);
std::vector<NodeFault> cut_both_ways(NodeId one, NodeId other);
// `node` and all others do not hear each other.
std::vector<NodeFault> isolate(const ClusterConfig& config, NodeId node);
// Nodes of different groups do not hear each other. Those in no group hear everybody.
std::vector<NodeFault> partition(const std::vector<std::vector<NodeId>>& groups);
// Two halves of the others do not hear each other; `bridge` hears and is heard by all.
std::vector<NodeFault> bridge(const ClusterConfig& config, NodeId bridge);

// From words, without the duration:
//   cut 0>2 | cut 0-2        isolate 1       partition 0,1/2,3,4     bridge 2
//   delay 80ms [1]           drop 5% [1]     disk-full 1             slow-disk 1 50ms
//   stall-disk 1             fail-disk 1     clock 1 +30s            clock 1 -5%
// "leader" may stand for a node where `leader` is known. Never fails for another reason than the
// words: kind usage, or unavailable for "leader" without one.
Result<std::vector<NodeFault>> plan_faults(std::span<const std::string> words,
                                           const ClusterConfig& config,
                                           std::optional<NodeId> leader);

// The same for a duration.
void limit_to(std::vector<NodeFault>& faults, std::int64_t lasts_ms);

// Applies all, also after one could not be. A node that does not run needs none that has a twin
// elsewhere. The first error, else.
Result<void> apply_faults(const ClusterConfig& config, const std::vector<NodeFault>& faults);

// Lifts all faults of all nodes; those that do not run have none.
Result<void> heal(const ClusterConfig& config);

}  // namespace raftkv::cli
