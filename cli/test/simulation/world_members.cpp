// Members that come and go: who speaks to whom, and what an operator asks of whoever leads.

#include <fmt/format.h>

#include <algorithm>

#include "cli/test/simulation/world.hpp"

namespace raftkv::simulation {

namespace {

using raft::ChangeStart;

constexpr Micros before_asking_again = 20'000;
constexpr Micros until_a_loss_is_noticed = 300'000;

bool can_be_asked_again(ChangeStart start) {
    switch (start) {
        case ChangeStart::hands_over:
        case ChangeStart::not_leading:
        case ChangeStart::too_early:
        case ChangeStart::under_way:
        case ChangeStart::not_caught_up:
        case ChangeStart::no_room:
            return true;
        default:
            return false;
    }
}

// Nobody has the same twice. Links in the simulation know nodes by their numbers alone.
raft::MemberAddress address_number(std::size_t number) {
    return {fmt::format("machine-{}", number), 1, 2, 3, "localhost"};
}

std::string text_of(const raft::Membership& members) {
    std::string text;
    for (const raft::Member& member : members.members) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", member.id.value());
        if (!member.votes()) text += " (no vote)";
    }
    return text;
}

}  // namespace

// Whether a node lets another one speak that says who it is.
bool World::may_meet(Node& node, Node& peer) {
    if (!changes_members(plan_)) return true;
    const auto refusal = wire::judge_caller(node.known_members(), peer.id(), peer.folder());
    if (!refusal) return true;
    counters_.saw(Seen::stranger_refused);
    if (!peer.paused() && peer.knows(node.id())) peer.refused(node.id(), *refusal);
    return false;
}

// Whom a node connects to, and who lets it speak, tells it the members.
void World::introduce(Node& node, const Node& peer) {
    if (!changes_members(plan_) || !node.knows(peer.id()) || peer.paused()) return;
    if (!wire::judge_caller(peer.known_members(), node.id(), node.folder()))
        node.introduce(peer.replica().applied_members());
}

// Also once they are connected, when they become others.
void World::hear_of_members(Node& node) {
    for (const auto& peer : nodes_)
        if (peer->alive() && connected(node.id().value(), peer->id().value()))
            introduce(node, *peer);
}

// Who hears of no leader asks where the cluster is now: one that was added has a log that begins
// long before that, when others were members; and all whom one knows may be gone that was away.
void World::ask_to_join(Node& node) {
    if (node.replica().standing().leader) return;
    const auto leader = newest_leader();
    const std::uint32_t number = node.id().value();
    if (!changes_members(plan_) || !leader || *leader == number) return;
    if (nodes_[*leader]->paused() || network_.is_cut(number, *leader)) return;
    if (network_.is_cut(*leader, number)) return;
    node.introduce(nodes_[*leader]->replica().applied_members());
}

void World::order(std::size_t number) {
    if (!active_[number].active) return;
    const auto leader = newest_leader();
    bool again = true;
    const FaultKind kind = plan_.faults[number].kind;
    const bool removes = kind == FaultKind::remove_member || kind == FaultKind::replace_member;
    // That a voter lost its disk a moment ago its leader cannot know: where a link is cut, it has
    // yet to miss its answers.
    const bool too_soon = removes && wiped_at_ && now() - *wiped_at_ < until_a_loss_is_noticed;
    if (leader && !nodes_[*leader]->paused() && !too_soon) {
        const ChangeStart start = give_order(number, *nodes_[*leader]);
        if (start == ChangeStart::hands_over) counters_.saw(Seen::leader_went_first);
        counters_.saw(start == ChangeStart::begun ? Seen::members_changed
                                                  : Seen::member_change_refused);
        if (start == ChangeStart::begun)
            recorder_.note(now(), *leader,
                           "members: " + text_of(nodes_[*leader]->replica().members()));
        again = can_be_asked_again(start);
    }
    if (again) schedule(EventKind::order, before_asking_again, 0, number);
}

ChangeStart World::give_order(std::size_t number, Node& leader) {
    const Fault& fault = plan_.faults[number];
    const NodeId node(fault.node);
    switch (fault.kind) {
        case FaultKind::add_member:
            prepare_to_join(fault.node, leader.replica().applied_members().members);
            return leader.change_members(raft::AddMember{node, {}, fault.amount == 1});
        case FaultKind::promote_member:
            return leader.change_members(raft::PromoteMember{node});
        case FaultKind::remove_member:
            return leader.change_members(raft::RemoveMember{node});
        case FaultKind::move_member:
            return leader.change_members(raft::MoveMember{node, address_number(number)});
        default:
            prepare_to_join(fault.other, leader.replica().applied_members().members);
            return leader.change_members(
                raft::ReplaceMember{node, {NodeId(fault.other), {}, false}});
    }
}

// A machine that belonged to the cluster once, or lost its data, comes back as a new one.
void World::prepare_to_join(std::uint32_t number, const raft::Membership& members) {
    Node& node = *nodes_[number];
    const raft::Member* member = members.find(NodeId(number));
    if (member) return;
    if (!node.removed() && !members.is_retired(NodeId(number), node.folder())) return;
    if (node.alive()) kill(number, Death::killed, 1);
    node.keep_log_of_folder();
    node.become_new(true);
    schedule(EventKind::start, 1, number, 0);
}

// All know the same members, this one by its folder, and a majority of them, without it, has all
// that it has: so for all that anybody may still do, it is not needed.
bool World::can_do_without(std::uint32_t number) const {
    const ShadowLog& log = nodes_[number]->log();
    const LogIndex last = log.last();
    const std::uint64_t sum = log.sum_at(last);
    for (const auto& node : nodes_) {
        if (node->removed()) continue;
        if (!node->alive() || node->paused()) return false;
        const raft::Membership& members = node->replica().members();
        if (node->replica().members_index() != nodes_[number]->replica().members_index()) {
            // Whoever never belonged to the cluster knows nothing.
            if (members.find(node->id())) return false;
            continue;
        }
        std::size_t left = 0;
        for (const raft::Member& member : members.members) {
            const bool is_it = member.folder == nodes_[member.id.value()]->folder();
            if (!is_it) continue;
            if (member.votes() && member.id != NodeId(number) &&
                nodes_[member.id.value()]->durable().log().holds(last, sum))
                ++left;
        }
        const raft::Member* member = members.find(NodeId(number));
        if (!member || member->folder != nodes_[number]->folder()) return false;
        if (left < members.voters() / 2 + 1) return false;
    }
    return true;
}

void World::wipe(std::uint32_t number, Micros down_for) {
    Node& node = *nodes_[number];
    if (!changes_members(plan_) || !node.alive() || !can_do_without(number)) return;
    kill(number, Death::killed, down_for);
    wiped_at_ = now();
    recorder_.note(now(), number, "its disk is empty now");
    // One that was the whole cluster once would go on as if nothing had been.
    node.become_new(plan_.members == 1);
}

// Whether those who vote, without this one, are a majority.
bool World::has_majority_without(const raft::Membership& members, std::uint32_t number) const {
    std::size_t left = 0;
    for (const raft::Member& member : members.members) {
        const std::uint32_t other = member.id.value();
        if (member.votes() && other != number && is_member(members, other)) ++left;
    }
    return left >= members.voters() / 2 + 1;
}

// Whether anybody can be elected without it. While a change of members is not finished, those who
// go by the old ones and by the new ones may be in each other's way: whoever has the longest log
// may have no vote by it, and yet must not vote for another.
bool World::can_elect_without(std::uint32_t number) const {
    const auto has_no_more = [](const Node& voter, const Node& candidate) {
        const auto end_of = [](const Node& node) {
            const LogIndex last = node.log().last();
            return std::pair{node.log().term_at(last), last};
        };
        return end_of(voter) <= end_of(candidate);
    };
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& candidate) {
        if (candidate->id() == NodeId(number) || !candidate->alive()) return false;
        const raft::Membership& members = candidate->replica().members();
        if (!members.has_voter(candidate->id())) return false;
        std::size_t votes = 0;
        for (const raft::Member& member : members.members) {
            const std::uint32_t voter = member.id.value();
            if (member.votes() && voter != number && is_member(members, voter) &&
                has_no_more(*nodes_[voter], *candidate))
                ++votes;
        }
        return votes >= members.voters() / 2 + 1;
    });
}

// All that are left run, are a majority of what is committed and of what each voter goes by, this
// one included, whose last words may still arrive; and can elect somebody.
bool World::can_stay_away(std::uint32_t number) const {
    const replica::Replica& gone = nodes_[number]->replica();
    if (!has_majority_without(gone.applied_members().members, number)) return false;
    if (!has_majority_without(gone.members(), number) || !can_elect_without(number)) return false;
    for (const auto& node : nodes_) {
        if (node->id() == NodeId(number) || node->removed()) continue;
        if (!node->alive()) return false;
        const raft::Membership& members = node->replica().members();
        const raft::Member* known = members.find(NodeId(number));
        if (known && !known->votes()) return false;  // its joining would never end
        const bool votes = members.has_voter(node->id()) && is_member(members, node->id().value());
        if (votes && !has_majority_without(members, number)) return false;
    }
    return true;
}

void World::stay_away(std::uint32_t number) {
    Node& node = *nodes_[number];
    if (!node.alive() || !can_stay_away(number)) return;
    counters_.caused(FaultKind::stay_away);
    node.lose();
    kill(number, Death::killed, 1);
    recorder_.note(now(), number, "stays away for good");
}

// What was begun may need a node that is gone for good, which no leader can know: it waits until
// somebody removes that node.
void World::remove_who_is_lost() {
    const auto leader = newest_leader();
    if (!leader) return;
    const raft::Membership members = nodes_[*leader]->replica().members();
    const bool any_waits =
        std::any_of(members.members.begin(), members.members.end(), [](const auto& member) {
            return member.kind == raft::Member::Kind::joining || member.replaces;
        });
    for (const raft::Member& member : members.members) {
        const std::uint32_t number = member.id.value();
        if (!any_waits || !nodes_[number]->lost() || !is_member(members, number)) continue;
        const ChangeStart start = nodes_[*leader]->change_members(raft::RemoveMember{member.id});
        if (start == ChangeStart::begun)
            return recorder_.note(now(), number, "is removed, as it is gone");
    }
}

}  // namespace raftkv::simulation
