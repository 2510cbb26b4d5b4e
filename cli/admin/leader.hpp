#pragma once

#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

namespace raftkv::cli {

// Asks all admin ports: the leader of the highest term that answers. An Error of kind unavailable
// when none does.
Result<NodeId> current_leader(const ClusterConfig& config);

}  // namespace raftkv::cli
