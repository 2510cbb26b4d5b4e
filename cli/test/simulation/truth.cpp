#include "cli/test/simulation/truth.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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

bool has_fault(const Plan& plan, FaultKind kind) {
    return std::any_of(plan.faults.begin(), plan.faults.end(),
                       [&](const Fault& fault) { return fault.kind == kind; });
}

}  // namespace

ClockBounds clock_bounds_of(const Plan& plan) {
    ClockBounds bounds;
    // Of two clocks nobody can say which one is wrong.
    const bool few = plan.members < 3 || changes_members(plan);
    bounds.known = !few || !has_fault(plan, FaultKind::wall_jump);
    // Clocks that go apart by a tenth, and wall clocks that have done so since the beginning.
    if (has_fault(plan, FaultKind::clock_rate)) bounds.rate_percent = 12;
    return bounds;
}

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
        model_.apply(index, *command, made.at);
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

// Whoever leads, and whatever became of the others: the cluster's clock goes at the true rate.
void Truth::judge_stamp(ClusterMs stamp, const Made& made) {
    if (stamp < last_stamp_) {
        throw Broken("the clock never goes back",
                     fmt::format("entry {} is stamped {} ms before the one before it",
                                 commit().value(), last_stamp_ - stamp));
    }
    last_stamp_ = stamp;
    const std::int64_t error_ms = stamp.value() - made.at / 1000;
    if (!std::exchange(has_stamps_, true)) least_error_ms_ = most_error_ms_ = error_ms;
    if (clock_.known) judge_clock(error_ms, made);
    least_error_ms_ = std::min(least_error_ms_, error_ms);
    most_error_ms_ = std::max(most_error_ms_, error_ms);
}

// A key that lives from one stamp to another lives too long or too short by what the error changed.
void Truth::judge_clock(std::int64_t error_ms, const Made& made) {
    const auto moved = [&](std::int64_t by) {
        return fmt::format(
            "up to entry {}, made at {} ms, the cluster's clock has moved by {} ms "
            "against true time",
            commit().value(), made.at / 1000, by);
    };
    const std::int64_t bound = clock_.at(made.at);
    if (error_ms - least_error_ms_ > bound)
        throw Broken("keys live their whole life", moved(error_ms - least_error_ms_));
    if (most_error_ms_ - error_ms > bound)
        throw Broken("keys end in time", moved(error_ms - most_error_ms_));
}

void Truth::judge_life(std::string_view key, bool found, LogIndex index, Micros now) const {
    const KeyState* state = model_.last_state(key, index);
    if (state == nullptr || !state->present || !state->deadline || !clock_.known) return;
    const std::int64_t late_ms = (now - state->ends) / 1000;
    if (found && late_ms > clock_.at(now)) {
        throw Broken("no read past the end of a key",
                     fmt::format("{} is read {} ms after its end", key, late_ms));
    }
    if (!found && -late_ms > clock_.at(now)) {
        throw Broken("keys live their whole life",
                     fmt::format("{} is gone {} ms before its end", key, -late_ms));
    }
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
