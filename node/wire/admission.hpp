#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/membership.hpp"
#include "node/wire/greeting.hpp"

// Who may speak to this node, and whose word ends it. Before there are secrets anybody who reaches
// the LogPort can say anything, so nothing that a caller says about itself makes it a member: only
// this node's own log does, or a member that was asked at the address where it is known to be.

namespace raftkv::wire {

// What this node knows of the members.
struct KnownMembers {
    raft::MembershipAt in_force;  // the newest in its log
    raft::MembershipAt applied;   // the newest that it has applied: it can not be taken back
    // By a member, over a connection that this node made to it.
    std::optional<raft::MembershipAt> introduced = {};

    // The newest that says so for certain.
    const raft::MembershipAt& newest_certain() const;
};

// Nothing: whoever has this id and folder may speak. Else why not, and what says so.
std::optional<Refusal> judge_caller(const KnownMembers& known, NodeId id, std::uint64_t folder);

// Who refused this node, and why. One refusal may be forged or of somebody who knows less; it
// counts once a majority of the other voters has said the same.
class Refusals {
  public:
    void heard(NodeId by, const Refusal& refusal);
    // It speaks with this node after all.
    void forget(NodeId by);
    // Why, when a majority of the other voters of `members`, this node not counted, says so and
    // knows a newer membership than the one at `index`.
    std::optional<Refusal::Reason> confirmed(const raft::Membership& members, LogIndex index,
                                             NodeId self) const;

  private:
    struct Heard {
        NodeId by;
        Refusal refusal;
    };
    std::vector<Heard> heard_;  // the last of each
};

}  // namespace raftkv::wire
