#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/config.hpp"
#include "node/raft/membership.hpp"

namespace raftkv::server {

// Where a member listens: the log says it of those that were added, and config.json of the first
// ones. Nothing when neither does.
std::optional<ServerConfig> address_of(const raft::Member& member, const ClusterConfig& config);

// Every name of a host, in lower case, that the configuration, a member or `self` has.
std::vector<std::string> host_names(const raft::Membership& members, const ClusterConfig& config,
                                    const ServerConfig& self);

}  // namespace raftkv::server
