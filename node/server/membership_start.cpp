#include "node/server/membership_start.hpp"

#include <fmt/format.h>

#include "node/server/member_address.hpp"

namespace raftkv::server {

std::optional<raft::Membership> newest_members(const raft::Restored& restored) {
    for (auto entry = restored.tail.rbegin(); entry != restored.tail.rend(); ++entry) {
        if (entry->kind == raft::EntryKind::members)
            return raft::decode_membership(entry->payload.view());
    }
    if (restored.members) return restored.members->members;
    return std::nullopt;
}

Result<ServerConfig> own_address(const raft::Restored& restored, std::uint64_t folder,
                                 const ClusterConfig& config, NodeId id,
                                 const std::optional<Result<JoinAdvice>>& join) {
    if (restored.members && restored.members->members.is_retired(id, folder)) {
        return Error{ErrorKind::usage,
                     fmt::format("node {} was removed from the cluster, and this is still its "
                                 "folder ({}). To bring it back, move the folder away, add the "
                                 "node (\"raftkv cluster add\") and start it with --join",
                                 id.value(), config.node_path(id).string())};
    }
    // Whoever belongs to the cluster knows better than a folder that was asleep.
    if (join && join->ok() && (*join)->own) return *(*join)->own;
    const auto members = newest_members(restored);
    if (join && !join->ok() && !(members && members->has(id, folder))) return join->error();
    if (const raft::Member* self = members ? members->find(id) : nullptr) {
        if (auto where = address_of(*self, config)) return *where;
    }
    if (const ServerConfig* configured = config.find(id)) return *configured;
    return Error{ErrorKind::usage,
                 fmt::format("node {} is neither in config.json nor, as far as its folder {} "
                             "tells, a member of the cluster. Add it with \"raftkv cluster add "
                             "{}\", then start it with --join and the host and admin port of any "
                             "member",
                             id.value(), config.node_path(id).string(), id.value())};
}

}  // namespace raftkv::server
