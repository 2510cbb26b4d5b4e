#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/config.hpp"
#include "node/raft/member_change.hpp"
#include "node/raft/membership.hpp"

namespace raftkv::server {

// Where a member listens: the log says it of those that were added, and config.json of the first
// ones. Nothing when neither does.
std::optional<ServerConfig> address_of(const raft::Member& member, const ClusterConfig& config);

// The other member that listens, on the same machine, on a port that this change gives to a node,
// in words; nothing when there is none.
std::optional<std::string> taken_address(const raft::MemberChange& change,
                                         const raft::Membership& members,
                                         const ClusterConfig& config);

// For when the name of the machine of `self` means `address` only, of loopback: a line in the log
// if another member is on another machine, as far as names tell.
void warn_of_loopback(const raft::Membership& members, const ClusterConfig& config,
                      const ServerConfig& self, const std::string& address);

// Every name of a host, in lower case, that the configuration, a member or `self` has.
std::vector<std::string> host_names(const raft::Membership& members, const ClusterConfig& config,
                                    const ServerConfig& self);

}  // namespace raftkv::server
