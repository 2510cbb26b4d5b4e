#pragma once

#include <optional>

#include "common/config.hpp"
#include "node/raft/membership.hpp"

namespace raftkv::server {

// Where a member listens: the log says it of those that were added, and config.json of the first
// ones. Nothing when neither does.
std::optional<ServerConfig> address_of(const raft::Member& member, const ClusterConfig& config);

}  // namespace raftkv::server
