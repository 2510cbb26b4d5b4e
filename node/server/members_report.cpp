#include "node/server/members_report.hpp"

#include "node/server/member_address.hpp"

namespace raftkv::server {

MembersReport members_report(const raft::MembershipAt& known, bool committed, NodeId self,
                             std::uint64_t cluster_id, const ClusterConfig& config,
                             const std::function<bool(NodeId)>& is_connected) {
    MembersReport report;
    report.cluster_id = cluster_id;
    report.index = known.index;
    report.committed = committed;
    for (const raft::Member& member : known.members.members)
        report.members.push_back(
            {member, address_of(member, config), member.id == self || is_connected(member.id)});
    return report;
}

}  // namespace raftkv::server
