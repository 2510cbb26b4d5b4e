#pragma once

#include <cstdint>
#include <functional>
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
    // The other end of the link does the same, so that a cut outlives the restart of one of them,
    // and holds when this one is down.
    bool has_twin = false;

    bool operator==(const NodeFault&) const = default;
};

using FaultPlan = std::vector<NodeFault>;

// Nothing of what `from` says arrives at `to`.
FaultPlan cut_one_way(NodeId from, NodeId to);
FaultPlan cut_both_ways(NodeId one, NodeId other);
// `node` and all others do not hear each other.
FaultPlan isolate(const ClusterConfig& config, NodeId node);
// Nodes of different groups do not hear each other; those in no group hear everybody.
FaultPlan partition(const std::vector<std::vector<NodeId>>& groups);
// The others in two halves that do not hear each other; `middle` hears and is heard by all.
FaultPlan bridge(const ClusterConfig& config, NodeId middle);

// From words, without the duration:
//   cut 0>2 | cut 0-2        isolate 1       partition 0,1/2,3,4     bridge 2
//   delay 80ms [1]           drop 5% [1]     disk-full 1             slow-disk 1 50ms
//   stall-disk 1             fail-disk 1     clock 1 +30s            clock 1 -5%
// For a node there may be "leader": then `find_leader` is asked. Errors are of kind usage, or what
// `find_leader` says.
Result<FaultPlan> plan_faults(std::span<const std::string> words, const ClusterConfig& config,
                              const std::function<Result<NodeId>()>& find_leader);

// The same for a duration.
FaultPlan limited_to(FaultPlan plan, std::int64_t lasts_ms);

// Applies all, also after one could not be: then the first error. A node that does not run is none
// as long as the other ends do the same. Says what is in force now.
Result<FaultPlan> apply_plan(const ClusterConfig& config, const FaultPlan& plan);

// Lifts all faults of all nodes. Those that do not run have none; an Error when none runs.
Result<void> heal(const ClusterConfig& config);

}  // namespace raftkv::cli
