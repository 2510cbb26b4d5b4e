#include "cli/test/checker/evidence.hpp"

#include <algorithm>
#include <set>

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

Evidence::Evidence(const History& history, std::string_view key, const Limits& limits,
                   StepCounter& steps)
    : key_(key), limits_(limits), steps_(steps) {
    for (const Operation& op : history) {
        if (op.key == key && op.outcome != Outcome::not_done) pool_.push_back(&op);
    }
    kept_.assign(pool_.size(), 1);
    if (!rules_out_every_order()) add_witnesses(history);
    std::stable_sort(pool_.begin(), pool_.end(),
                     [](const auto* a, const auto* b) { return a->start < b->start; });
    kept_.assign(pool_.size(), 1);
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
    if (!rules_out_every_order()) return false;
    for (std::size_t size = pool_.size() / 2; size > 0; size /= 2) give_up_chunks(size);
    return true;
}

void Evidence::give_up_chunks(std::size_t size) {
    for (std::size_t first = 0; first < pool_.size(); first += size) {
        const std::size_t last = std::min(first + size, pool_.size());
        const std::vector<char> before = kept_;
        std::fill(kept_.begin() + static_cast<std::ptrdiff_t>(first),
                  kept_.begin() + static_cast<std::ptrdiff_t>(last), 0);
        if (kept_ != before && !rules_out_every_order()) kept_ = before;
    }
}

bool Evidence::rules_out_every_order() const {
    History history;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
        if (kept_[i] == 0 && pool_[i]->reads()) continue;
        history.push_back(*pool_[i]);
        if (kept_[i] != 0) continue;
        history.back().outcome = Outcome::unknown;
        history.back().version = 0;
    }
    const Parts parts = take_apart(history);
    if (parts.clash) return true;
    const KeyPart* part = find(parts, key_);
    if (part == nullptr || part->ambiguous != nullptr) return false;
    steps_.begin_part(least_steps + steps_per_operation * history.size());
    MemoryAccount memory(memory_for_a_try);
    return KeySearch(*part, parts.versions, limits_, steps_, memory).run() == Found::none;
}

std::vector<const Operation*> Evidence::operations() const {
    std::vector<const Operation*> kept;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
        if (kept_[i] != 0) kept.push_back(pool_[i]);
    }
    return kept;
}

std::size_t Evidence::given_up() const {
    return static_cast<std::size_t>(std::count(kept_.begin(), kept_.end(), 0));
}

}  // namespace raftkv::test
