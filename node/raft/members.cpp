#include "node/raft/members.hpp"

#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "node/raft/transfer.hpp"

namespace raftkv::raft {
namespace {

// Who was removed and comes back with the same id has nothing of what was known of it.
void forget_those_who_come_back(State& state) {
    if (state.memberships.size() < 2) return;
    const Membership& before = state.memberships[state.memberships.size() - 2].members;
    std::erase_if(state.followers, [&](const Progress& follower) {
        return members(state).find(follower.id) && !before.find(follower.id);
    });
}

void in_force(State& state) {
    ++state.membership_changes;
    if (state.role != Role::leader) return;
    forget_those_who_come_back(state);
    follow_members(state);
}

void follow(State& state, NodeId id) {
    if (id == state.options.id || find_follower(state, id)) return;
    Progress follower;
    follower.id = id;
    follower.connected = is_connected(state, id);
    follower.start_probing(state.log.last_index() + 1);
    follower.last_contact = follower.last_progress = state.now;
    state.followers.push_back(std::move(follower));
}

}  // namespace

void start_members(State& state, const Restored& restored) {
    state.memberships.push_back(
        restored.members.value_or(MembershipAt{LogIndex(0), state.options.members}));
    for (const Entry& entry : restored.tail)
        if (entry.kind == EntryKind::members) take_members(state, entry);
}

void take_members(State& state, const Entry& entry) {
    std::optional<Membership> decoded = decode_membership(entry.payload.view());
    RAFTKV_CHECK(decoded.has_value());
    state.memberships.push_back({entry.index, std::move(*decoded)});
    in_force(state);
}

void forget_members_from(State& state, LogIndex from) {
    if (state.memberships.back().index < from) return;
    while (state.memberships.back().index >= from) state.memberships.pop_back();
    RAFTKV_CHECK(!state.memberships.empty());
    in_force(state);
}

void restart_members(State& state, MembershipAt members) {
    state.memberships.clear();
    state.memberships.push_back(std::move(members));
    in_force(state);
}

void forget_members_before(State& state, LogIndex applied) {
    while (state.memberships.size() > 1 && state.memberships[1].index <= applied)
        state.memberships.pop_front();
}

bool is_somebody_else(const State& state, NodeId id) {
    const Member* member = members(state).find(id);
    if (!member) return false;
    return std::any_of(state.folders_heard.begin(), state.folders_heard.end(),
                       [&](const MemberFolder& heard) {
                           if (heard.id != id) return false;
                           return member->folder == 0 ? members(state).is_retired(id, heard.folder)
                                                      : heard.folder != member->folder;
                       });
}

void follow_members(State& state) {
    for (const MembershipAt& known : state.memberships)
        for (const Member& member : known.members.members) follow(state, member.id);
    for (Progress& follower : state.followers)
        follower.votes = members(state).has_voter(follower.id);
    if (state.transfer && !members(state).has_voter(state.transfer->target)) state.transfer.reset();
}

void drop_those_who_left(State& state) {
    const MembershipAt& now = state.memberships.back();
    if (now.index > state.commit) return;
    std::erase_if(state.followers, [&](const Progress& follower) {
        const bool left = !now.members.find(follower.id) &&
                          (!follower.connected || follower.match_index >= now.index);
        if (left) on_transfer_target_lost(state, follower.id);
        return left;
    });
}

LogIndex last_to_send(const State& state, const Progress& follower) {
    for (const MembershipAt& known : state.memberships)
        if (known.index > state.commit && !known.members.find(follower.id)) return known.index - 1;
    return state.log.last_index();
}

}  // namespace raftkv::raft
