#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/fault/cluster_faults.hpp"
#include "cli/test/chaos/schedule.hpp"
#include "common/config.hpp"
#include "common/strong_types.hpp"

namespace raftkv::chaos {

// A fault that is done to these nodes, for people: "kill node 2 (leader)".
std::string describe(const PlannedFault& fault, const std::vector<NodeId>& nodes,
                     std::optional<NodeId> leader);

// What the nodes are told for it, with how long it lasts; empty for what signals do. `nodes` are
// those that it is done to, not empty.
cli::FaultPlan node_faults_of(const PlannedFault& fault, const std::vector<NodeId>& nodes,
                              const ClusterConfig& config);

}  // namespace raftkv::chaos
