#pragma once

#include <chrono>
#include <vector>

#include "cli/admin/node_answers.hpp"
#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

namespace raftkv::cli {

// Asks all admin ports: the leader of the highest term that answers. An Error of kind unavailable
// when none does, which says who leads all the same, and why that one cannot be asked.
Result<ServerConfig> find_leader(const ClusterConfig& config);
Result<NodeId> current_leader(const ClusterConfig& config);

// What to say when `answers` have no leader that answers.
Error no_leader(const std::vector<NodeAnswer>& answers);

}  // namespace raftkv::cli
