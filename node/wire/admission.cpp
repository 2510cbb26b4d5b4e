#include "node/wire/admission.hpp"

#include <algorithm>
#include <array>

namespace raftkv::wire {
const raft::MembershipAt& KnownMembers::newest_certain() const {
    return introduced && introduced->index > applied.index ? *introduced : applied;
}

std::optional<Refusal> judge_caller(const KnownMembers& known, NodeId id, std::uint64_t folder) {
    // Whom only the end of this node's log removes may be the leader that replaces it; whom only
    // that adds may be the leader's, and learn from it.
    const raft::MembershipAt& certain = known.newest_certain();
    if (certain.members.is_retired(id, folder))
        return Refusal{Refusal::Reason::removed, certain.index};
    const bool welcome = certain.members.has(id, folder) ||
                         known.in_force.members.has(id, folder) ||
                         known.applied.members.has(id, folder);
    if (welcome) return std::nullopt;
    const bool id_is_known = certain.members.find(id) || known.in_force.members.find(id);
    return Refusal{id_is_known ? Refusal::Reason::other_folder : Refusal::Reason::not_a_member,
                   certain.index};
}

void Refusals::heard(NodeId by, const Refusal& refusal) {
    forget(by);
    heard_.push_back({by, refusal});
}

void Refusals::forget(NodeId by) {
    std::erase_if(heard_, [by](const Heard& heard) { return heard.by == by; });
}

std::optional<Refusal::Reason> Refusals::confirmed(const raft::Membership& members, LogIndex index,
                                                   NodeId self) const {
    const std::size_t others = members.voters() - (members.has_voter(self) ? 1 : 0);
    for (const auto reason : {Refusal::Reason::removed, Refusal::Reason::other_folder}) {
        const auto say_so = std::count_if(heard_.begin(), heard_.end(), [&](const Heard& heard) {
            return heard.refusal.reason == reason && heard.refusal.members_index > index &&
                   heard.by != self && members.has_voter(heard.by);
        });
        if (static_cast<std::size_t>(say_so) > others / 2) return reason;
    }
    return std::nullopt;
}

}  // namespace raftkv::wire
