#pragma once

#include <string>
#include <vector>

#include "cli/cluster/cluster_view.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// How nodes are restarted without the cluster ever being without a quorum. Pure decisions over
// what the supervisor sees.

namespace raftkv::cli {

// The nodes that this supervisor runs, the leader last: it then moves once, not at every step.
std::vector<NodeId> restart_order(const ClusterView& view);

// Whether a majority is left when the node goes now: of those that vote, only those that answer
// here or to the leader, agree on the leader and keep up with it are counted; a learner can always
// be spared. The Error is of kind unavailable and says who is missing.
Result<void> can_spare(const ClusterView& view, NodeId id);

// Whether a restarted node takes part again: it answers, knows the leader and has applied all
// that was committed before it went.
bool is_back(const ClusterView& view, NodeId id, LogIndex committed_before);
// What it still waits for, for people.
std::string waiting_for(const ClusterView& view, NodeId id, LogIndex committed_before);

}  // namespace raftkv::cli
