#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "cli/admin/members.hpp"
#include "cli/admin/node_answers.hpp"
#include "cli/cluster/cluster_view.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

// The state of the cluster as it is when somebody asks: what its nodes say themselves, and what the
// supervisor of this machine knows of its processes.

namespace raftkv::cli {

// Asks all members at once. `supervised` is the supervisor's view, or why there is none: that
// Error is given back when no node answers either.
Result<ClusterView> view_of_now(const ClusterConfig& config, const Result<ClusterView>& supervised,
                                std::chrono::milliseconds timeout);

// What view_of_now() makes of what was answered. `members` is nothing when nobody knows them.
ClusterView combine(ClusterView view, const std::optional<MembersView>& members,
                    const std::vector<NodeAnswer>& answers);

}  // namespace raftkv::cli
