#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "common/strong_types.hpp"
#include "node/raft/membership.hpp"

namespace raftkv::raft {

// What a leader can be asked to change about the members. One server changes at a time (thesis
// 4.1), so that any majority before and any majority after have a server in common.
struct AddMember {
    NodeId id;
    MemberAddress address;
    bool learner = false;  // stays one until it is promoted
};
struct RemoveMember {
    NodeId id;
    bool force = false;  // even if no majority of the rest can be reached
};
struct PromoteMember {
    NodeId id;
};
// `add` joins; once it votes, `old` is removed.
struct ReplaceMember {
    NodeId old;
    AddMember add;
};
// From now on it listens there. It votes as before, so majorities stay what they are.
struct MoveMember {
    NodeId id;
    MemberAddress address;
};
using MemberChange =
    std::variant<AddMember, RemoveMember, PromoteMember, ReplaceMember, MoveMember>;

enum class ChangeStart : std::uint8_t {
    begun,       // the new membership is in the log, at the leader's last index
    hands_over,  // the leader itself is to go, or to move: it hands leadership over; ask the next
                 // one
    not_leading,
    too_early,      // nothing of this leader's term is committed yet
    under_way,      // the change before is not committed yet
    known_already,  // to be added, and a member under that id
    not_a_member,
    is_there_already,  // to be moved to where it is
    votes_already,
    replaces_no_voter,  // only a voter's place can be taken
    not_caught_up,      // to be promoted, and far behind or not reachable
    loses_quorum,       // no majority of those that would be left can be reached
    last_voter,
    too_many,
    no_room,  // in the log; or leadership is being handed over
};

}  // namespace raftkv::raft
