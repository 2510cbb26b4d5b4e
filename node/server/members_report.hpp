#pragma once

#include <cstdint>
#include <functional>

#include "common/config.hpp"
#include "common/strong_types.hpp"
#include "node/server/admin/node_report.hpp"
#include "node/server/peer_hub.hpp"

namespace raftkv::server {

// What is told of the members, by node `self`.
MembersReport members_report(const raft::MembershipAt& known, bool committed, NodeId self,
                             std::uint64_t cluster_id, const ClusterConfig& config,
                             const std::function<bool(NodeId)>& is_connected);

}  // namespace raftkv::server
