#include "node/raft/reconfiguration.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "node/raft/members.hpp"
#include "node/raft/read_index.hpp"
#include "node/raft/replication.hpp"
#include "node/raft/transfer.hpp"

namespace raftkv::raft {
namespace {

using Kind = Member::Kind;

Member* find_member(Membership& membership, NodeId id) {
    return const_cast<Member*>(std::as_const(membership).find(id));
}

// Why nothing can be changed now, if so. The second rule was missing in the thesis as printed: two
// leaders that each begin a change before they commit anything can end with majorities that do not
// meet.
std::optional<ChangeStart> why_not_now(const State& state) {
    if (state.role != Role::leader) return ChangeStart::not_leading;
    if (state.commit < state.term_start) return ChangeStart::too_early;
    if (state.memberships.back().index > state.commit) return ChangeStart::under_way;
    if (!takes_proposals(state)) return ChangeStart::no_room;
    return std::nullopt;
}

// Whether its vote can be counted on: it is heard of, has the folder that the membership names, and
// on its disk is an entry of this leader's term. Right after an election nobody has been silent
// for long, whether it is there or not; and who lost its disk answers, too.
bool can_be_counted_on(const State& state, const Progress& follower) {
    return answers(state, follower) && !is_somebody_else(state, follower.id) &&
           follower.match_index >= state.term_start;
}

// Whether a majority of these voters can be counted on now, this server among them.
bool has_reachable_majority(const State& state, const Membership& next) {
    std::size_t reachable = next.has_voter(state.options.id) ? 1 : 0;
    for (const Progress& follower : state.followers)
        if (next.has_voter(follower.id) && can_be_counted_on(state, follower)) ++reachable;
    return reachable >= majority(next.voters());
}

// Everything was sent to it, and what it has not answered yet is about to come. What makes it a
// member is on its disk: who does not know that it belongs gives no votes, and once it counts for
// the majority its vote may be needed.
bool has_caught_up(State& state, NodeId id) {
    const Progress* follower = find_follower(state, id);
    return follower && follower->mode == Progress::Mode::replicate && answers(state, *follower) &&
           follower->next_index > state.log.last_index() &&
           follower->match_index >= state.memberships.back().index;
}

ChangeStart apply(State& state, Membership& next, const AddMember& add) {
    (void)state;
    if (next.find(add.id)) return ChangeStart::known_already;
    if (next.members.size() == max_members) return ChangeStart::too_many;
    const auto place = std::find_if(next.members.begin(), next.members.end(),
                                    [&](const Member& member) { return member.id > add.id; });
    next.members.insert(place, {.id = add.id,
                                .kind = add.learner ? Kind::learner : Kind::joining,
                                .address = add.address});
    return ChangeStart::begun;
}

ChangeStart apply(State& state, Membership& next, const RemoveMember& remove) {
    const Member* member = next.find(remove.id);
    if (!member) return ChangeStart::not_a_member;
    if (member->votes() && next.voters() == 1) return ChangeStart::last_voter;
    if (member->folder != 0) next.retired.push_back({member->id, member->folder});
    if (next.retired.size() > max_retired_folders) next.retired.erase(next.retired.begin());
    const bool voted = member->votes();
    std::erase_if(next.members, [&](const Member& other) { return other.id == remove.id; });
    for (Member& other : next.members)
        if (other.replaces == remove.id) other.replaces.reset();
    if (voted && !remove.force && !has_reachable_majority(state, next))
        return ChangeStart::loses_quorum;
    return ChangeStart::begun;
}

ChangeStart apply(State& state, Membership& next, const PromoteMember& promote) {
    Member* member = find_member(next, promote.id);
    if (!member) return ChangeStart::not_a_member;
    if (member->votes()) return ChangeStart::votes_already;
    if (!has_caught_up(state, promote.id)) return ChangeStart::not_caught_up;
    member->kind = Kind::voter;
    return has_reachable_majority(state, next) ? ChangeStart::begun : ChangeStart::loses_quorum;
}

ChangeStart apply(State& state, Membership& next, const ReplaceMember& replace) {
    const Member* old = next.find(replace.old);
    if (!old) return ChangeStart::not_a_member;
    if (!old->votes()) return ChangeStart::replaces_no_voter;
    const ChangeStart added = apply(state, next, replace.add);
    if (added != ChangeStart::begun) return added;
    Member& joining = *find_member(next, replace.add.id);
    joining.kind = Kind::joining;
    joining.replaces = replace.old;
    return ChangeStart::begun;
}

ChangeStart apply(State& state, Membership& next, const MoveMember& move) {
    (void)state;
    Member* member = find_member(next, move.id);
    if (!member) return ChangeStart::not_a_member;
    if (member->address == move.address) return ChangeStart::is_there_already;
    member->address = move.address;
    return ChangeStart::begun;
}

// The others go to where it will be, so a leader that moves is heard no more.
bool moves_leader(const State& state, const Membership& next, const MemberChange& change) {
    const auto* move = std::get_if<MoveMember>(&change);
    return move && move->id == state.options.id && next.voters() > 1;
}

void append_members(State& state, Effects& out, const Membership& next) {
    Entry entry{state.log.last_index() + 1, state.hard.term, EntryKind::members,
                SharedBytes::copy_of(encode(next))};
    state.uncommitted_bytes += cost_of(entry);
    append_entry(state, std::move(entry));
    broadcast_appends(state, out);
    answer_confirmed(state, out);  // a smaller majority may have answered already
}

// The folders that are known, put into the membership where it says nothing yet.
void add_folders(const State& state, Membership& next) {
    if (state.options.folder == 0) return;
    auto add = [&](const MemberFolder& known) {
        Member* member = find_member(next, known.id);
        if (member && member->folder == 0 && !next.is_retired(known.id, known.folder))
            member->folder = known.folder;
    };
    add({state.options.id, state.options.folder});
    for (const MemberFolder& heard : state.folders_heard)
        if (is_connected(state, heard.id)) add(heard);
}

// The identity of the cluster is in its first entry; one that is older gets it where it may.
void add_cluster(const State& state, Membership& next) {
    if (next.cluster != 0) return;
    const bool founds = state.cluster == 0 && state.log.last_index() == LogIndex(0);
    next.cluster = founds ? state.options.new_cluster : state.cluster;
}

// The next entry that what was begun takes.
std::optional<MemberChange> next_change(State& state) {
    for (const Member& member : members(state).members) {
        if (member.kind == Kind::joining && has_caught_up(state, member.id))
            return PromoteMember{member.id};
        if (member.votes() && member.replaces) return RemoveMember{*member.replaces};
    }
    return std::nullopt;
}

}  // namespace

ChangeStart change_members(State& state, Effects& out, const MemberChange& change) {
    if (const auto refusal = why_not_now(state)) return *refusal;
    Membership next = members(state);
    const ChangeStart verdict =
        std::visit([&](const auto& asked) { return apply(state, next, asked); }, change);
    if (verdict != ChangeStart::begun) return verdict;
    if (!next.has_voter(state.options.id) || moves_leader(state, next, change)) {
        // Its successor removes it: so whoever leads counts for every majority.
        start_transfer(state, out, std::nullopt);
        return state.transfer ? ChangeStart::hands_over : ChangeStart::loses_quorum;
    }
    append_members(state, out, next);
    return ChangeStart::begun;
}

void advance_members(State& state, Effects& out) {
    drop_those_who_left(state);
    if (why_not_now(state)) return;
    Membership with_folders = members(state);
    add_folders(state, with_folders);
    if (with_folders != members(state)) {
        append_members(state, out, with_folders);
    } else if (const std::optional<MemberChange> change = next_change(state)) {
        change_members(state, out, *change);
    }
}

Entry first_entry_of_term(State& state) {
    Entry entry{state.log.last_index() + 1, state.hard.term, EntryKind::noop, {}};
    Membership next = members(state);
    add_folders(state, next);
    add_cluster(state, next);
    if (next == members(state)) return entry;
    entry.kind = EntryKind::members;
    entry.payload = SharedBytes::copy_of(encode(next));
    return entry;
}

void on_folder_heard(State& state, Effects& out, const MemberFolder& heard) {
    std::erase_if(state.folders_heard, [&](const MemberFolder& old) { return old.id == heard.id; });
    state.folders_heard.push_back(heard);
    if (state.folders_heard.size() > 2 * max_members)
        state.folders_heard.erase(state.folders_heard.begin());
    if (state.role == Role::leader) advance_members(state, out);
}

}  // namespace raftkv::raft
