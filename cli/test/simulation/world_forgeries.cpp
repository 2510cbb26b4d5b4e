// Anybody who reaches a LogPort can say anything. A forger knows all ids and data folders, and says
// what would do harm if it was believed; but nothing that only a secret could tell from the truth.

#include <utility>

#include "cli/test/simulation/broken.hpp"
#include "cli/test/simulation/world.hpp"

namespace raftkv::simulation {

namespace {

constexpr std::int64_t kinds = 6;
constexpr std::uint64_t terms_ahead = std::uint64_t{1} << 34;

raft::Message forged(std::int64_t kind, Dice& dice, const Node& victim) {
    const replica::Standing standing = victim.standing();
    const Term later = standing.term + dice.below(terms_ahead);
    const LogIndex marked(victim.indexes().applied.value() / 8 * 8);
    const raft::StateMark wrong{marked, dice.next()};
    switch (kind) {
        case 0:
            return {later, raft::VoteResponse{false, false}};
        case 1:
            return {later, raft::HeartbeatResponse{0, wrong}};
        case 2:
            return {standing.term, raft::Heartbeat{LogIndex(0), 0, wrong}};
        case 3:
            return {later, raft::VoteRequest{false, false, LogIndex(0), Term(0)}};
        case 4: {
            // What cannot be applied, right behind the victim's log.
            raft::AppendRequest append{
                victim.log().last(), victim.log().term_at(victim.log().last()), LogIndex(0), {}};
            append.entries.push_back(
                {victim.log().last() + 1, standing.term,
                 dice.half() ? raft::EntryKind::command : raft::EntryKind::members,
                 SharedBytes::copy_of("nonsense")});
            return {standing.term, std::move(append)};
        }
        default:
            return {standing.term, raft::AppendResponse{false, LogIndex(1), Term(0), LogIndex(1)}};
    }
}

}  // namespace

void World::forge(std::size_t number) {
    ActiveFault& active = active_[number];
    if (!active.active) return;
    const Fault& fault = plan_.faults[number];
    Dice dice(plan_.seed, Stream::forgeries, number * 100'000 + ++forgeries_);
    const Node& claimed = *nodes_[fault.other];
    Node& victim = *nodes_[fault.node];
    if (victim.alive() && !victim.paused() && fault.node != fault.other) {
        raft::Message message = forged(dice.between(0, kinds - 1), dice, victim);
        if (fault.amount == 1)
            judge_refusal(victim, fault.other);
        else if (!wire::judge_caller(victim.known_members(), claimed.id(), claimed.folder()))
            victim.receive(fault.other, claimed.folder(), std::move(message));
    }
    schedule(EventKind::forge, dice.log_between(200, 20'000), 0, number);
}

// A member is one with its folder, once that is known.
void World::judge_refusal(const Node& node, std::uint32_t claimed) {
    constexpr std::uint64_t nobodys_folder = 500;
    const wire::KnownMembers known = node.known_members();
    for (const auto* at : {&known.in_force, &known.applied, &known.newest_certain()}) {
        const raft::Member* member = at->members.find(NodeId(claimed));
        if (member && member->folder == 0) return;
    }
    if (!wire::judge_caller(known, NodeId(claimed), nobodys_folder))
        throw Broken("strangers are refused", "somebody with an unknown data folder may speak",
                     node.id().value());
    counters_.saw(Seen::stranger_refused);
}

}  // namespace raftkv::simulation
