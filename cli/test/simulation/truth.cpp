#include "cli/test/simulation/truth.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/test/simulation/broken.hpp"
#include "common/checksum.hpp"

namespace raftkv::simulation {

namespace {

Broken refused_but_done(std::uint64_t index) {
    return Broken("a refused write is not done",
                  fmt::format("entry {} writes a value of which a client was told that it was "
                              "certainly not written",
                              index));
}

}  // namespace

void Truth::appended(std::uint32_t node, const raft::Entry& entry, const ShadowLog& log,
                     Micros now) {
    const std::uint64_t sum = chain(log.sum_at(log.last()), entry);
    if (made_.size() < entry.index.value()) made_.resize(entry.index.value());
    std::vector<Made>& known = made_[entry.index.value() - 1];
    for (const Made& made : known) {
        if (made.term != entry.term) continue;
        if (made.sum == sum) return;
        throw Broken("log matching",
                     fmt::format("two logs have an entry {} of term {} and differ in it or before",
                                 entry.index.value(), entry.term.value()),
                     node);
    }
    // Whoever won and lost within one turn was not seen leading.
    if (entry.kind != raft::EntryKind::command && !leaders_.contains(entry.term)) {
        leads(node, entry.term, log);
    }
    const auto leader = leaders_.find(entry.term);
    if (leader == leaders_.end() || leader->second != node) {
        throw Broken("log matching",
                     fmt::format("node {} made an entry {} of term {}, in which it never led", node,
                                 entry.index.value(), entry.term.value()),
                     node);
    }
    known.push_back({entry.term, sum, now, entry.kind, entry.payload});
}

void Truth::voted(std::uint32_t node, std::uint64_t folder, Term term, std::uint32_t candidate) {
    const auto [vote, first] = votes_.try_emplace({node, folder, term}, candidate);
    if (first || vote->second == candidate) return;
    throw Broken("one vote a term",
                 fmt::format("node {} voted for node {} and for node {} in term {}", node,
                             vote->second, candidate, term.value()),
                 node);
}

void Truth::leads(std::uint32_t node, Term term, const ShadowLog& log) {
    const auto [leader, first] = leaders_.try_emplace(term, node);
    if (!first && leader->second != node) {
        throw Broken("election safety",
                     fmt::format("node {} and node {} both lead in term {}", leader->second, node,
                                 term.value()),
                     node);
    }
    // Of later terms it need not know: it may have been asleep since its votes were cast.
    const auto later =
        std::partition_point(canon_.begin(), canon_.end(),
                             [&](const Canonical& entry) { return entry.committed_in < term; });
    const LogIndex needed(static_cast<std::uint64_t>(later - canon_.begin()));
    if (!log.holds(needed, sum_at(needed))) {
        throw Broken("leader completeness",
                     fmt::format("node {} leads in term {} without the entry {} that was committed "
                                 "before (its log ends at {})",
                                 node, term.value(), needed.value(), log.last().value()),
                     node);
    }
    if (first) counters_.saw(Seen::leader_changed);
}

const Truth::Made* Truth::find(LogIndex index, std::uint64_t sum) const {
    for (const Made& made : made_[index.value() - 1]) {
        if (made.sum == sum) return &made;
    }
    return nullptr;
}

void Truth::committed(std::uint32_t node, Term term, const ShadowLog& log, LogIndex index) {
    if (index > log.last()) {
        throw Broken("commit within the log",
                     fmt::format("node {} has committed up to {} of a log that ends at {}", node,
                                 index.value(), log.last().value()),
                     node);
    }
    const LogIndex known = std::min(index, commit());
    if (log.sum_at(known) != sum_at(known)) {
        throw Broken(
            "state machine safety",
            fmt::format("node {} has committed another entry {} (term {}) than the one "
                        "that is committed (term {})",
                        node, known.value(), log.term_at(known).value(), term_at(known).value()),
            node);
    }
    while (commit() < index) {
        const LogIndex next = commit() + 1;
        const Made* made = find(next, log.sum_at(next));
        if (made == nullptr) {
            throw Broken("log matching",
                         fmt::format("nobody made the entry {} that node {} has "
                                     "committed",
                                     next.value(), node),
                         node);
        }
        if (log.term_at(index) != made->term) counters_.saw(Seen::committed_later);
        extend(*made, canon_.empty() ? term : std::max(term, canon_.back().committed_in));
        ++counters_.commits;
    }
}

void Truth::extend(const Made& made, Term committed_in) {
    canon_.push_back({made.term, made.sum, committed_in});
    const LogIndex index = commit();
    if (made.kind != raft::EntryKind::command) {
        model_.skip(index);
        if (made.kind == raft::EntryKind::members)
            members_.push_back({index, *raft::decode_membership(made.payload.view())});
    } else {
        const auto command = kv::decode(made.payload.view());
        if (!command) {
            throw Broken("state machine safety",
                         fmt::format("entry {} is committed and no command", index.value()));
        }
        judge_stamp(command->stamp, made);
        if (command->op == kv::CommandOp::tick) counters_.saw(Seen::tick_committed);
        if (!command->value.empty()) {
            const std::uint64_t fingerprint = checksum(command->value);
            if (refused_.contains(fingerprint)) throw refused_but_done(index.value());
            written_.insert(fingerprint);
        }
        model_.apply(index, *command);
        store_.apply(index, made.payload.view());
    }
    state_hashes_.push_back(store_.state_hash());
}

void Truth::snapshot(std::uint32_t node, const raft::SnapshotId& id, std::uint64_t sum) {
    if (id.index > commit() || term_at(id.index) != id.term) {
        throw Broken("only what is committed is in a snapshot",
                     fmt::format("node {} has one after entry {} of term {}", node,
                                 id.index.value(), id.term.value()),
                     node);
    }
    const auto [known, first] = snapshots_.try_emplace(id.index, sum);
    if (first || known->second == sum) return;
    throw Broken("equal snapshots",
                 fmt::format("node {} has another snapshot after entry {} than the first that was "
                             "made",
                             node, id.index.value()),
                 node);
}

raft::MembershipAt Truth::members_at(LogIndex index, const raft::Membership& first) const {
    for (auto at = members_.rbegin(); at != members_.rend(); ++at)
        if (at->index <= index) return *at;
    return {LogIndex(0), first};
}

ShadowLog Truth::log_up_to(LogIndex index) const {
    ShadowLog log;
    for (LogIndex i(1); i <= index; ++i) log.append(term_at(i), sum_at(i));
    return log;
}

void Truth::recovered(std::uint32_t node, const ShadowLog& log) const {
    const LogIndex last = log.last();
    if (last.value() == 0 || (last.value() <= made_.size() && find(last, log.sum_at(last)))) return;
    throw Broken(
        "recovery",
        fmt::format("node {} recovered a log up to {} that it never had", node, last.value()),
        node);
}

void Truth::refused(std::uint64_t fingerprint) {
    if (written_.contains(fingerprint)) throw refused_but_done(commit().value());
    refused_.insert(fingerprint);
}

// The cluster's clock goes on with its leader's, between half and double speed, and never back;
// the leaders' own clocks are up to a twentieth wrong.
void Truth::judge_stamp(ClusterMs stamp, const Made& made) {
    const bool first = last_stamp_ == ClusterMs(0);
    const std::int64_t moved = stamp - last_stamp_;
    const std::int64_t passed = (made.at - last_stamp_at_) / 1000;
    constexpr std::int64_t rounding_ms = 10;
    if (!first && stamp < last_stamp_) {
        throw Broken("the clock never goes back",
                     fmt::format("entry {} is stamped {} ms before the one before it",
                                 commit().value(), -moved));
    }
    if (!first && moved > passed * 211 / 100 + rounding_ms) {
        throw Broken("keys live their whole life",
                     fmt::format("the cluster's clock moved by {} ms up to entry {}, made {} ms "
                                 "after the one before it",
                                 moved, commit().value(), passed));
    }
    if (!first && made.term == last_stamp_term_ && moved < passed * 47 / 100 - rounding_ms) {
        throw Broken("keys end in time",
                     fmt::format("the cluster's clock moved by {} ms up to entry {}, made {} ms "
                                 "after the one before it",
                                 moved, commit().value(), passed));
    }
    if (first) {
        first_stamp_ = stamp;
        first_stamp_at_ = made.at;
    }
    const std::int64_t behind = (made.at - first_stamp_at_) / 1000 - (stamp - first_stamp_);
    clock_lag_ms_ = std::max(clock_lag_ms_, behind);
    last_stamp_ = stamp;
    last_stamp_at_ = made.at;
    last_stamp_term_ = made.term;
}

void Truth::applied(std::uint32_t node, LogIndex index, std::uint64_t state_hash) {
    if (index.value() == 0) return;
    if (index > commit()) {
        throw Broken("only what is committed is applied",
                     fmt::format("node {} has applied {}", node, index.value()), node);
    }
    if (state_hashes_[index.value() - 1] != state_hash) {
        throw Broken("equal states",
                     fmt::format("node {} has another state after entry {}", node, index.value()),
                     node);
    }
}

}  // namespace raftkv::simulation
