#include "cli/test/checker/evidence.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "cli/test/checker/key_part.hpp"
#include "cli/test/checker/key_search.hpp"
#include "cli/test/checker/memory_account.hpp"

namespace raftkv::test {
namespace {

// A search that goes on for longer has lost the violation among what may have happened.
constexpr std::uint64_t steps_per_operation = 64;
constexpr std::uint64_t least_steps = 100'000;
constexpr std::size_t memory_for_a_try = std::size_t{64} << 20;

// Instants at which something proves what the spans of a key's puts were narrowed by.
struct WantedInstants {
    std::set<Instant> starts;
    std::set<Instant> ends;
};

WantedInstants wanted_by(const KeyPart& key) {
    WantedInstants wanted;
    for (const KeyOperation& it : key.operations) {
        const Operation& op = it.op();
        if (!op.puts()) continue;
        if (it.from != op.start) wanted.starts.insert(it.from);
        if (it.until != op.end) wanted.ends.insert(it.until);
    }
    return wanted;
}

const KeyPart* find(const Parts& parts, std::string_view key) {
    const auto found = std::find_if(parts.keys.begin(), parts.keys.end(),
                                    [&](const KeyPart& part) { return part.name == key; });
    return found == parts.keys.end() ? nullptr : &*found;
}

}  // namespace

// What take_apart() finds out about each operation of the pool.
struct Evidence::Facts {
    std::vector<std::uint64_t> versions;  // that it gave or saw; 0: unknown, or neither
    std::vector<Instant> untils;
};

Evidence::Facts Evidence::facts_of(const std::vector<const Operation*>& pool) {
    History history;
    for (const Operation* op : pool) history.push_back(*op);
    Facts facts{std::vector<std::uint64_t>(pool.size()), std::vector<Instant>(pool.size())};
    for (const KeyPart& key : take_apart(history).keys) {
        for (const KeyOperation& it : key.operations) {
            const auto place = static_cast<std::size_t>(it.operation - history.data());
            facts.untils[place] = it.until;
            facts.versions[place] = it.version;
            if (it.op().reads()) facts.versions[place] = it.op().version;
            if (it.writer != nobody) facts.versions[place] = key.operations[it.writer].version;
        }
    }
    return facts;
}

Evidence::Evidence(const History& history, std::string_view key, const Limits& limits,
                   StepCounter& steps)
    : key_(key), limits_(limits), steps_(steps) {
    for (const Operation& op : history) {
        if (op.key == key && op.outcome != Outcome::not_done) pool_.push_back(&op);
    }
    if (!rules_out_every_order(Uses(pool_.size(), Use::full))) add_witnesses(history);
    std::stable_sort(pool_.begin(), pool_.end(),
                     [](const auto* a, const auto* b) { return a->start < b->start; });
    uses_.assign(pool_.size(), Use::full);
}

// What other keys tell about the versions of this one.
void Evidence::add_witnesses(const History& history) {
    const Parts parts = take_apart(history);
    const KeyPart* part = find(parts, key_);
    if (part == nullptr) return;
    const WantedInstants wanted = wanted_by(*part);
    for (const KeyPart& other : parts.keys) {
        if (other.name == key_) continue;
        std::set<const Operation*> found;
        for (const KeyOperation& it : other.operations) {
            const Operation& op = it.op();
            const bool begins = op.puts() && wanted.starts.count(op.start) != 0;
            const bool ends = op.outcome == Outcome::ok && wanted.ends.count(op.end) != 0;
            if (!begins && !ends) continue;
            found.insert(&op);
            if (it.writer != nobody) found.insert(other.operations[it.writer].operation);
        }
        pool_.insert(pool_.end(), found.begin(), found.end());
    }
}

bool Evidence::shrink() {
    if (!rules_out_every_order(uses_)) return false;
    end_early();
    begin_late();
    // A write tells more than the reads that saw it, so these go first.
    for (const bool with_writes : {false, true}) {
        for (std::size_t size = pool_.size(); size > 0; size /= 2) give_up(size, with_writes);
    }
    return true;
}

bool Evidence::rules_out_every_order(const Uses& uses) const {
    History history;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
        if (uses[i] == Use::none) continue;
        Operation& op = history.emplace_back(*pool_[i]);
        if (uses[i] == Use::first) op.op = protocol::Op::set;
        if (uses[i] != Use::as_open) continue;
        op.outcome = Outcome::unknown;
        op.version = 0;
    }
    const Parts parts = take_apart(history);
    if (parts.clash) return true;
    const KeyPart* part = find(parts, key_);
    if (part == nullptr || part->ambiguous != nullptr) return false;
    steps_.begin_part(least_steps + steps_per_operation * history.size());
    MemoryAccount memory(memory_for_a_try);
    return KeySearch(*part, parts.versions, limits_, steps_, memory).run() == Found::none;
}

bool Evidence::accept(const Uses& uses) {
    const bool is_accepted = uses != uses_ && rules_out_every_order(uses);
    if (is_accepted) uses_ = uses;
    return is_accepted;
}

// Leaves out what came after the violation.
void Evidence::end_early() {
    std::vector<Instant> ends;
    for (const Operation* op : pool_) ends.push_back(op->end);
    std::sort(ends.begin(), ends.end());
    const auto first = std::partition_point(ends.begin(), ends.end(), [&](Instant end) {
        return !rules_out_every_order(ended_at(end));
    });
    if (first != ends.end()) accept(ended_at(*first));
}

// As if everybody had gone away at `end`: what began later was not done, and what had not ended
// had no answer.
Evidence::Uses Evidence::ended_at(Instant end) const {
    Uses uses = uses_;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
        if (pool_[i]->end <= end) continue;
        const bool may_be_done = pool_[i]->start <= end && !pool_[i]->reads();
        uses[i] = may_be_done ? Use::as_open : Use::none;
    }
    return uses;
}

// Leaves out what came before the last put that the violation has need of.
void Evidence::begin_late() {
    const Facts facts = facts_of(pool_);
    std::vector<std::size_t> puts;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
        const bool is_candidate = pool_[i]->key == key_ && uses_[i] == Use::full &&
                                  pool_[i]->puts() && facts.versions[i] != 0;
        if (is_candidate) puts.push_back(i);
    }
    std::sort(puts.begin(), puts.end(),
              [&](std::size_t a, std::size_t b) { return facts.versions[a] < facts.versions[b]; });
    const auto is_enough = [&](std::size_t back) {
        return rules_out_every_order(begun_with(puts[puts.size() - back], facts));
    };
    std::size_t back = 1;
    while (back <= puts.size() && !is_enough(back)) back *= 2;
    if (back > puts.size()) return;
    std::size_t too_few = back / 2;
    while (back - too_few > 1) {
        const std::size_t middle = (back + too_few) / 2;
        (is_enough(middle) ? back : too_few) = middle;
    }
    accept(begun_with(puts[puts.size() - back], facts));
}

Evidence::Uses Evidence::begun_with(std::size_t put, const Facts& facts) const {
    Uses uses = uses_;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
        const Operation& op = *pool_[i];
        if (op.key != key_ || uses[i] == Use::none) continue;
        const bool is_tied = facts.versions[i] != 0;
        if (is_tied && facts.versions[i] < facts.versions[put]) uses[i] = Use::none;
        if (is_tied || op.start > facts.untils[put]) continue;
        // It may have come before as well.
        uses[i] = op.reads() || op.outcome != Outcome::ok ? Use::none : Use::as_open;
        if (op.outcome == Outcome::unknown) uses[i] = uses_[i];
    }
    uses[put] = Use::first;
    return uses;
}

void Evidence::give_up(std::size_t size, bool with_writes) {
    for (std::size_t first = 0; first < pool_.size(); first += size) {
        Uses uses = uses_;
        for (std::size_t i = first; i < std::min(first + size, pool_.size()); ++i) {
            if (uses[i] != Use::full) continue;
            if (pool_[i]->reads()) uses[i] = Use::none;
            if (!pool_[i]->reads() && with_writes) uses[i] = Use::as_open;
        }
        accept(uses);
    }
}

std::vector<const Operation*> Evidence::operations() const {
    std::vector<const Operation*> kept;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
        if (uses_[i] == Use::full || uses_[i] == Use::first) kept.push_back(pool_[i]);
    }
    return kept;
}

std::size_t Evidence::given_up() const {
    return pool_.size() - operations().size();
}

}  // namespace raftkv::test
