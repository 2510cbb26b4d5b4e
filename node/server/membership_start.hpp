#pragma once

#include <optional>
#include <string>

#include "common/config.hpp"
#include "common/result.hpp"
#include "node/raft/membership.hpp"
#include "node/raft/restored.hpp"
#include "node/wire/greeting.hpp"

// Who a node is to the cluster when it starts.

namespace raftkv::server {

// What a node that was added, or was away, has been told by a member before it starts.
struct JoinAdvice {
    std::uint64_t cluster_id = 0;
    // Where the cluster expects it; nothing: where config.json says.
    std::optional<ServerConfig> own;
    raft::MembershipAt members;
};

// The newest membership in the log, committed or not, or that of the snapshot; nothing while it is
// still the first.
std::optional<raft::Membership> newest_members(const raft::Restored& restored);

// Where this node listens: as it was told when it asked to join, or else as the membership in its
// folder has it, or as the configuration lists it. An Error of kind usage when it belongs to no
// cluster that it knows, or was removed; when it asked to join and was told nothing, that Error
// where its log does not have it, with this folder, as a member: it may tell of a time when others
// were, who are gone, and the node would refuse all who could tell it of a later one.
Result<ServerConfig> own_address(const raft::Restored& restored, std::uint64_t folder,
                                 const ClusterConfig& config, NodeId id,
                                 const std::optional<Result<JoinAdvice>>& join);

}  // namespace raftkv::server
