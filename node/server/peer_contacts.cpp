#include "node/server/peer_contacts.hpp"

#include <algorithm>

#include "node/raft/message.hpp"

namespace raftkv::server {

void PeerContacts::tick(MonotonicMs now, const replica::Standing& standing,
                        const raft::Membership& members, replica::NetworkPort& network) {
    // While this process did not run, what others said waited in its sockets.
    const std::int64_t stall_ms = now - now_ - heartbeat_ms_;
    if (stall_ms > 0)
        for (auto& [id, when] : heard_) when = std::min(now, when + stall_ms);
    now_ = now;
    std::erase_if(heard_, [&](const auto& each) { return members.find(each.first) == nullptr; });
    if (standing.role == raft::Role::leader || now - greeted_ < heartbeat_ms_) return;
    greeted_ = now;
    // An answer to no question, of no term: it says only that its sender is there.
    const raft::Message greeting{Term(0), raft::HeartbeatResponse{}};
    for (const raft::Member& member : members.members)
        if (member.id != self_ && standing.leader != member.id) network.send(member.id, greeting);
}

void PeerContacts::heard(NodeId from) {
    for (auto& [id, when] : heard_) {
        if (id != from) continue;
        when = now_;
        return;
    }
    heard_.emplace_back(from, now_);
}

bool PeerContacts::is_heard(NodeId id) const {
    return std::any_of(heard_.begin(), heard_.end(), [&](const auto& each) {
        return each.first == id && now_ - each.second <= 2 * heartbeat_ms_;
    });
}

}  // namespace raftkv::server
