// What an onlooker holds against a node after each of its steps.

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "cli/test/simulation/broken.hpp"
#include "cli/test/simulation/node.hpp"
#include "common/checksum.hpp"
#include "node/storage/snapshot_format.hpp"

namespace raftkv::simulation {

void Node::broken(const char* invariant, const std::string& how) const {
    throw Broken(invariant, fmt::format("node {}: {}", id_, how), id_);
}

void Node::judge_snapshot(const raft::SnapshotInfo& info) {
    const auto bytes = disk_.durable(storage::snapshot_name(info.id.index));
    if (!bytes || bytes->size() != info.bytes) {
        broken("snapshots are durable",
               fmt::format("the one after entry {} is not on its disk", info.id.index.value()));
    }
    truth_.snapshot(id_, info.id, checksum(*bytes));
}

// Else what is written to it could find no room, and the next start would miss its end.
void Node::judge_segment() const {
    const std::size_t bytes = disk_.durable(view_.segment())->size();
    if (bytes != view_.segment_bytes()) {
        broken("segments are whole",
               fmt::format("{} bytes of {} are on its disk, which should have {}", bytes,
                           view_.segment(), view_.segment_bytes()));
    }
}

void Node::watch_role() {
    const replica::Standing now_seen = standing();
    if (now_seen.role == raft::Role::leader && seen_.role == raft::Role::leader) {
        leads_since_ = seen_.term;
    }
    if (now_seen == seen_) return;
    if (now_seen.term < seen_.term) {
        broken("terms only rise", fmt::format("its term went from {} back to {}",
                                              seen_.term.value(), now_seen.term.value()));
    }
    if (now_seen.divergence && !has_forgeries(plan_))
        broken("equal states",
               fmt::format("it says that its state differs from node {}'s after "
                           "entry {}",
                           now_seen.divergence->peer.value(), now_seen.divergence->index.value()));
    // Here no disk goes back to an older state, and starts all the same.
    if (now_seen.contradiction)
        broken("no false contradiction",
               fmt::format("it says that node {} contradicts what is durable, at entry {}",
                           now_seen.contradiction->leader.value(),
                           now_seen.contradiction->index.value()));
    if (now_seen.term > seen_.term) judge_terms();
    const bool was_leader = seen_.role == raft::Role::leader;
    const bool leads = now_seen.role == raft::Role::leader;
    if (was_leader && (!leads || now_seen.term != seen_.term)) counters_.saw(Seen::leader_deposed);
    if (now_seen.leader) lost_campaign_.reset();
    if (now_seen.role == raft::Role::candidate) {
        if (lost_campaign_ && *lost_campaign_ < now_seen.term)
            counters_.saw(Seen::campaign_repeated);
        lost_campaign_ = now_seen.term;
    }
    if (leads && (!was_leader || now_seen.term != seen_.term)) {
        const raft::HardState own{now_seen.term, NodeId(id_)};
        if (view_.hard_state() != own) {
            broken("votes are durable", fmt::format("it leads in term {}, and its vote for itself "
                                                    "is not on its disk",
                                                    now_seen.term.value()));
        }
        truth_.leads(id_, now_seen.term, shadow_);
    }
    const bool role_changed = now_seen.role != seen_.role || now_seen.term != seen_.term;
    seen_ = now_seen;
    if (role_changed) surroundings_.changed_role(id_);
}

// Each is written down: whoever can make up terms must not fill the disk with them.
void Node::judge_terms() {
    constexpr Micros least_apart = 16'000, all_at_once = 3'000'000;
    terms_until_ = std::max(terms_until_, now()) + least_apart;
    if (terms_until_ > now() + all_at_once)
        broken("terms are taken at a bounded rate", "it has gone through too many in a short time");
}

void Node::watch_indexes() {
    const replica::Indexes reached = indexes();
    if (reached.commit == reached_.commit && reached.applied == reached_.applied) return;
    if (reached.commit < reached_.commit || reached.applied < reached_.applied) {
        broken("commit only rises",
               fmt::format("its commit went from {} to {}, what it applied from {} to {}",
                           reached_.commit.value(), reached.commit.value(),
                           reached_.applied.value(), reached.applied.value()));
    }
    if (reached.commit > reached_.commit) judge_commit(reached.commit);
    if (reached.applied > reached_.applied) {
        truth_.applied(id_, reached.applied, replica_->store().state_hash());
    }
    reached_ = reached;
}

void Node::judge_commit(LogIndex commit) {
    truth_.committed(id_, standing().term, shadow_, commit);
    surroundings_.committed(id_, commit);
    if (standing().role != raft::Role::leader) return;
    // 5.4.2. What it learned as a follower, in the same turn as it won, it did not count.
    if (leads_since_ == standing().term && shadow_.term_at(commit) != standing().term) {
        broken(
            "only entries of its own term are counted",
            fmt::format("it leads in term {} and commits entry {} of term {}",
                        standing().term.value(), commit.value(), shadow_.term_at(commit).value()));
    }
    judge_durability(commit);
}

// Which membership it went by shows its log: that up to the entry, or a later one, since in one
// turn it may commit and go on to the next.
void Node::judge_durability(LogIndex commit) const {
    std::string found;
    for (auto at = memberships_.rbegin(); at != memberships_.rend(); ++at) {
        const std::size_t voters = at->members.voters();
        const std::size_t copies =
            surroundings_.durable_copies(at->members, commit, shadow_.sum_at(commit));
        if (copies > voters / 2) return;
        found += fmt::format(" {} of {}", copies, voters);
        if (at->index <= commit) break;
    }
    broken("durable on a majority before it counts",
           fmt::format("it leads and commits entry {}, which is durable on so many voters:{}",
                       commit.value(), found));
}

// Bounds in bytes; what one message or one turn may add is on top.
void Node::judge_bounds() const {
    const replica::Status status = replica_->status();
    constexpr std::size_t largest_command = 2048;
    const std::size_t pending = 2 * plan_.limits.max_pending_bytes + 16 * largest_command;
    if (status.pending_bytes > pending) {
        broken("bounded queues", fmt::format("{} bytes of commands wait", status.pending_bytes));
    }
    const std::size_t cache = plan_.limits.log_cache_bytes + plan_.limits.max_uncommitted_bytes +
                              plan_.limits.max_append_bytes + (128U << 10);
    if (status.log_cache_bytes > cache) {
        broken("bounded queues", fmt::format("{} bytes of log in memory", status.log_cache_bytes));
    }
}

void Node::judge_message(std::uint32_t to, const raft::Message& message) {
    if (std::holds_alternative<raft::VoteResponse>(message.body)) {
        judge_vote(to, message);
    } else if (const auto* append = std::get_if<raft::AppendResponse>(&message.body)) {
        if (append->accepted) judge_acceptance(message, append->index);
    } else if (const auto* vote = std::get_if<raft::VoteRequest>(&message.body)) {
        if (!vote->pre && view_.hard_state().term < message.term) {
            broken("votes are durable",
                   fmt::format("it campaigns in term {}, and on its disk is "
                               "term {}",
                               message.term.value(), view_.hard_state().term.value()));
        }
    }
}

void Node::judge_vote(std::uint32_t to, const raft::Message& message) {
    const auto& vote = std::get<raft::VoteResponse>(message.body);
    if (vote.pre) {
        counters_.saw(vote.granted ? Seen::pre_vote_granted : Seen::pre_vote_refused);
        return;
    }
    counters_.saw(vote.granted ? Seen::vote_granted : Seen::vote_refused);
    if (!vote.granted) return;
    truth_.voted(id_, folder_, message.term, to);
    const raft::HardState& durable = view_.hard_state();
    const bool kept =
        durable.term > message.term || (durable.term == message.term && durable.vote == NodeId(to));
    if (!kept) {
        broken("votes are durable", fmt::format("it votes for node {} in term {}, and on its disk "
                                                "is term {}",
                                                to, message.term.value(), durable.term.value()));
    }
}

void Node::judge_acceptance(const raft::Message& message, LogIndex index) const {
    // What it accepted in an earlier term may be overwritten by now.
    if (message.term != standing().term) return;
    if (index > shadow_.last() || !view_.log().holds(index, shadow_.sum_at(index))) {
        broken("accepted entries are durable",
               fmt::format("it accepts entries up to {}, and its disk has them up to {}",
                           index.value(), view_.log().last().value()));
    }
}

}  // namespace raftkv::simulation
