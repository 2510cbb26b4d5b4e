// What clients are told must follow from the committed log; and once everything is healed the
// cluster must get over all of it.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "cli/test/simulation/broken.hpp"
#include "cli/test/simulation/world.hpp"
#include "common/checksum.hpp"

namespace raftkv::simulation {

namespace {

using protocol::ReplyKind;

constexpr Micros election_timeout_max = 300'000;
// What else may have to pass before a node is back: the wait on a full disk, a supervisor's.
constexpr Micros converges_within = 20 * election_timeout_max + 2'000'000;
constexpr Micros stays_stable_for = 5'000'000;
constexpr Micros between_looks = 50'000;

std::string describe(const Attempt& attempt) {
    return fmt::format("client {}'s {} of {}", attempt.client, protocol::name_of(attempt.op),
                       attempt.key);
}

kv::CommandOp command_op(protocol::Op op) {
    return op == protocol::Op::set   ? kv::CommandOp::set
           : op == protocol::Op::cas ? kv::CommandOp::cas
                                     : kv::CommandOp::del;
}

bool explains(const WriteResult& result, const Attempt& attempt, const protocol::Reply& reply) {
    if (result.claimed || result.op != command_op(attempt.op)) return false;
    if (attempt.op == protocol::Op::cas && result.expected != attempt.expected) return false;
    if (attempt.op != protocol::Op::del && result.fingerprint != attempt.fingerprint) return false;
    switch (reply.kind) {
        case ReplyKind::ok:
            return result.status == kv::Status::stored && result.index.value() == reply.version;
        case ReplyKind::deleted:
            return result.status == kv::Status::deleted;
        case ReplyKind::version_err:
            return result.status == kv::Status::exists ||
                   result.status == kv::Status::version_mismatch;
        case ReplyKind::not_found:
            return result.status == kv::Status::not_found;
        default:
            return false;
    }
}

}  // namespace

void World::judge_reply(const Node& node, const Attempt& attempt, const protocol::Reply& reply) {
    if (reply.kind == ReplyKind::internal) return;
    if (reply.kind == ReplyKind::redirect) {
        if (attempt.fingerprint != 0) truth_.refused(attempt.fingerprint);
        return;
    }
    const bool reads = attempt.op == protocol::Op::get || attempt.op == protocol::Op::getm;
    if (reads) {
        judge_read(node, attempt, reply);
    } else {
        judge_write(node, attempt, reply);
    }
}

// The log holds one entry that explains the answer, made after the client asked, and nobody else
// was answered from it.
void World::judge_write(const Node& node, const Attempt& attempt, const protocol::Reply& reply) {
    const LogIndex applied = node.indexes().applied;
    std::vector<WriteResult>& results = truth_.model().results(attempt.key);
    for (auto result = results.rbegin(); result != results.rend(); ++result) {
        if (result->index <= attempt.committed) break;
        if (result->index > applied || !explains(*result, attempt, reply)) continue;
        result->claimed = true;
        truth_.told(result->index);
        return;
    }
    throw Broken("answers follow from the log",
                 fmt::format("no committed entry explains the answer to {}", describe(attempt)),
                 attempt.node);
}

void World::judge_read(const Node& node, const Attempt& attempt, const protocol::Reply& reply) {
    const LogIndex applied = node.indexes().applied;
    if (applied < attempt.told) {
        throw Broken("no stale read",
                     fmt::format("{} is answered from a state up to {}, and before it was asked "
                                 "somebody had been told of {}",
                                 describe(attempt), applied.value(), attempt.told.value()),
                     attempt.node);
    }
    const auto state = truth_.model().find(attempt.key, applied);
    const bool found = reply.kind != ReplyKind::not_found;
    // Just before the next entry, the time of that entry has come.
    const bool ended = state && state->deadline && applied < truth_.model().last() &&
                       *state->deadline <= truth_.model().clock_at(applied + 1);
    bool right = found == state.has_value() || (!found && ended);
    if (found && right) right = checksum(reply.value) == state->fingerprint;
    if (right && reply.kind == ReplyKind::value_meta) {
        right = reply.version == state->version && reply.exptime_s == state->exptime_s;
    }
    if (!right) {
        throw Broken("answers follow from the log",
                     fmt::format("{} is not answered as the log up to {} has it", describe(attempt),
                                 applied.value()),
                     attempt.node);
    }
    const Term term = node.standing().term;
    if (truth_.term_at(applied) == term && truth_.term_at(applied - 1) != term) {
        counters_.saw(Seen::read_at_new_leader);
    }
    // A value may be told after its end to somebody who asked before it.
    truth_.judge_life(attempt.key, found, applied, found ? attempt.start : now());
    if (!found && !truth_.model().results(attempt.key).empty()) counters_.saw(Seen::key_expired);
    truth_.told(applied);
}

// --- the end

bool World::is_member(const raft::Membership& members, std::uint32_t node) const {
    return !nodes_[node]->removed() && members.has(NodeId(node), nodes_[node]->folder());
}

// Empty when nothing is left to be done.
std::string World::why_not_converged() const {
    const auto leader = newest_leader();
    if (!leader) return "there is no leader";
    if (!clients_.finished()) return "the last write is not acknowledged";
    // Ordered before everything healed, and not given up yet.
    if (nodes_[*leader]->standing().hands_over_to)
        return "leadership is on its way to another node";
    const LogIndex last = nodes_[*leader]->indexes().last_index;
    const std::vector<std::uint32_t> priorities = priorities_of(plan_);
    const raft::Membership& members = nodes_[*leader]->replica().members();
    for (const raft::Member& member : members.members) {
        // Whoever joined and lost its disk since has to be removed first.
        if (!is_member(members, member.id.value())) continue;
        if (member.kind == raft::Member::Kind::joining || member.replaces)
            return fmt::format("the change of node {} is not finished", member.id.value());
    }
    for (std::uint32_t number = 0; number < plan_.nodes; ++number) {
        const Node& node = *nodes_[number];
        if (node.lost() || !is_member(members, number)) continue;
        if (!node.alive()) return fmt::format("node {} does not run", number);
        const replica::Status status = node.replica().status();
        if (number != *leader && status.role != raft::Role::follower) {
            return fmt::format("node {} does not follow", number);
        }
        const bool votes = members.has_voter(NodeId(number));
        if (votes && priorities[number] > priorities[*leader]) {
            return fmt::format("node {} does not lead, though its priority is higher", number);
        }
        if (status.leader != NodeId(*leader)) {
            return fmt::format("node {} does not know its leader", number);
        }
        if (status.applied != last) {
            return fmt::format("node {} has applied {} of {}", number, status.applied.value(),
                               last.value());
        }
        if (status.pending_bytes != 0) {
            return fmt::format("commands wait in node {}: {} bytes of {} writes, {} reads, {} held",
                               number, status.pending_bytes, status.pending_writes,
                               status.pending_reads, status.held);
        }
    }
    return {};
}

// A new server gets the whole log before it votes; where messages are slow and small that takes
// time.
Micros World::patience() const {
    return changes_members(plan_) ? 5 * converges_within : converges_within;
}

void World::look_for_the_end() {
    remove_who_is_lost();
    const std::string why_not = why_not_converged();
    // Not in step with the client that goes on reading, or its read would always be under way.
    schedule(EventKind::verdict, turns_.between(between_looks / 2, between_looks * 3 / 2), 0, 0);
    if (!stable_since_) {
        if (why_not.empty()) {
            stable_since_ = now();
            stable_term_ = truth_.newest_term();
            judge_states();
        } else if (now() - healed_at_ > patience()) {
            throw Broken(
                "progress once all is healed",
                fmt::format("{} ms after everything healed {}", patience() / 1000, why_not));
        }
        return;
    }
    if (truth_.newest_term() != stable_term_ || !newest_leader()) {
        throw Broken("a stable leader once all is healed",
                     fmt::format("{} ms after it was elected another one leads",
                                 (now() - *stable_since_) / 1000));
    }
    if (now() - *stable_since_ >= stays_stable_for) done_ = true;
}

// Every replica has just what the log says, key by key.
void World::judge_states() const {
    const auto expected = truth_.model().live();
    const raft::Membership& members = nodes_[*newest_leader()]->replica().members();
    for (std::uint32_t number = 0; number < plan_.nodes; ++number) {
        if (nodes_[number]->lost() || !is_member(members, number)) continue;
        const kv::Store& store = nodes_[number]->replica().store();
        std::size_t found = 0;
        bool equal = true;
        store.for_each([&](const kv::Item&) { ++found; });
        for (const auto& [name, state] : expected) {
            const auto item = store.find(name);
            equal = equal && item && item->version == state.version &&
                    item->deadline == state.deadline && item->exptime_s == state.exptime_s &&
                    checksum(item->value) == state.fingerprint;
        }
        if (!equal || found != expected.size()) {
            throw Broken("equal states",
                         fmt::format("node {} has {} keys, and they are not the {} that the log "
                                     "says",
                                     number, found, expected.size()),
                         number);
        }
    }
}

}  // namespace raftkv::simulation
