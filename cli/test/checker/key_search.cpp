#include "cli/test/checker/key_search.hpp"

#include <algorithm>
#include <limits>

#include "cli/test/checker/version_order.hpp"
#include "common/check.hpp"

namespace raftkv::test {

using protocol::Op;

namespace {

// A put of unknown version may have got any of these, or one that nobody ever spoke of.
std::vector<std::uint64_t> versions_asked_for(const std::vector<KeyOperation>& operations,
                                              const KnownVersions& known) {
    std::vector<std::uint64_t> asked;
    for (const KeyOperation& it : operations) {
        if (it.op().op == Op::cas && !known.contains(it.op().expected)) {
            asked.push_back(it.op().expected);
        }
    }
    std::sort(asked.begin(), asked.end());
    asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
    return asked;
}

}  // namespace

std::size_t KeySearch::bytes_for(std::size_t operations) {
    // by_version_, wanted_, readers_waiting_, trail_; and optional_, should all be optional.
    constexpr std::size_t each = 4 + 8 + 4 + 4 + 64;
    return EventList::bytes_for(operations) + operations * each;
}

KeySearch::KeySearch(const KeyPart& key, const KnownVersions& versions, const Limits& limits,
                     StepCounter& steps, MemoryAccount& memory)
    : is_impossible_(key.is_impossible),
      operations_(key.operations),
      versions_(versions),
      steps_(steps),
      memory_(memory),
      model_(operations_, limits),
      waiting_(operations_),
      optional_(operations_),
      seen_(memory),
      by_version_(puts_by_version(operations_)),
      wanted_(versions_asked_for(operations_, versions)) {
    readers_waiting_.reserve(operations_.size());
    for (const KeyOperation& it : operations_) readers_waiting_.push_back(it.readers);
    trail_.reserve(operations_.size());
}

KeySearch::~KeySearch() {
    memory_.free(choices_);
    memory_.free(frames_);
}

Found KeySearch::run() {
    if (is_impossible_) return Found::none;
    for (;;) {
        switch (enter()) {
            case Entered::done:
                return Found::an_order;
            case Entered::out_of_steps:
                return Found::out_of_steps;
            case Entered::out_of_memory:
                return Found::out_of_memory;
            case Entered::dead_end:
            case Entered::opened:
                if (!next_choice()) return Found::none;
        }
    }
}

// Looks at the situation that was just reached.
KeySearch::Entered KeySearch::enter() {
    if (!place_answers()) return Entered::out_of_steps;
    if (waiting_.empty()) return Entered::done;
    return open_frame();
}

KeySearch::Entered KeySearch::open_frame() {
    if (!memory_.make_room(frames_)) return Entered::out_of_memory;
    const std::size_t first = choices_.size();
    collect_choices();
    if (memory_spent_) return Entered::out_of_memory;
    const std::size_t count = choices_.size() - first;
    if (count == 0) return Entered::dead_end;
    // Where there is but one way to go on, remembering would cost more than it spares.
    if (count > 1) {
        const SeenSet::Added added = seen_.add(mark_of_situation());
        if (added == SeenSet::Added::no_memory) return Entered::out_of_memory;
        if (added == SeenSet::Added::was_there) {
            choices_.resize(first);
            return Entered::dead_end;
        }
    }
    frames_.push_back({state_, trail_.size(), first, first});
    return Entered::opened;
}

// Whatever only tells of the present state, and tells the truth, gets its place now: it changes
// nothing, and nothing that comes later could need it to wait. False when out of steps.
bool KeySearch::place_answers() {
    std::uint64_t looks = 1;
    for (auto i = waiting_.first(); i != nobody; i = waiting_.after(i)) {
        ++looks;
        const KeyOperation& it = operations_[i];
        if (!KeyModel::changes(it) && model_.is_right(it, state_)) take(i);
    }
    return steps_.spend(looks);
}

void KeySearch::collect_choices() {
    const Instant deadline = waiting_.deadline();
    const std::size_t before = choices_.size();
    std::uint64_t looks = 1;
    std::uint32_t first_delete = nobody;
    for (auto i = waiting_.first(); i != nobody; i = waiting_.after(i)) {
        ++looks;
        if (KeyModel::changes(operations_[i])) add_must(i, first_delete);
    }
    if (first_delete != nobody) add({first_delete, 0});
    if (value_may_go() && can_expire(deadline)) add({nobody, 0});
    add_optional(deadline);
    // Its answer is asked for when the next situation is entered.
    steps_.spend(looks + (choices_.size() - before));
}

void KeySearch::add(Choice choice) {
    if (memory_.make_room(choices_)) {
        choices_.push_back(choice);
    } else {
        memory_spent_ = true;
    }
}

void KeySearch::add_must(std::uint32_t operation, std::uint32_t& first_delete) {
    const KeyOperation& it = operations_[operation];
    if (!value_may_go() || !model_.can_change(it, state_)) return;
    if (it.op().puts()) {
        add_put(operation);
        return;
    }
    // Deletes do the same, so the one that has to be done first goes first.
    if (first_delete == nobody || it.until < operations_[first_delete].until) {
        first_delete = operation;
    }
}

void KeySearch::add_optional(Instant deadline) {
    if (!value_may_go()) return;
    optional_found_.clear();
    optional_.candidates(state_, deadline, optional_found_);
    for (const std::uint32_t i : optional_found_) {
        if (!model_.can_change(operations_[i], state_)) continue;
        if (operations_[i].op().puts()) {
            add_put(i);
        } else {
            add({i, 0});
        }
    }
}

// With each version that the put can be given here. Versions rise.
void KeySearch::add_put(std::uint32_t operation) {
    const KeyOperation& it = operations_[operation];
    const bool all_given = given_ == by_version_.size();
    if (it.version != 0) {
        const bool is_next = !all_given && by_version_[given_] == operation;
        // No guess at a version goes beyond the next one that is known.
        RAFTKV_CHECK(!is_next || it.version > state_.version);
        if (is_next) add({operation, it.version});
        return;
    }
    const std::uint64_t limit = all_given ? std::numeric_limits<std::uint64_t>::max()
                                          : operations_[by_version_[given_]].version;
    const std::uint64_t unclaimed = unclaimed_version();
    if (unclaimed != 0 && unclaimed < limit) add({operation, unclaimed});
    for (auto version = std::upper_bound(wanted_.begin(), wanted_.end(), state_.version);
         version != wanted_.end() && *version < limit; ++version) {
        add({operation, *version});
    }
}

// The smallest that can come next and that no operation speaks of. A larger one would be of no
// more use.
std::uint64_t KeySearch::unclaimed_version() const {
    std::uint64_t version = versions_.next_free(state_.version);
    while (version != 0 && std::binary_search(wanted_.begin(), wanted_.end(), version)) {
        version = versions_.next_free(version);
    }
    return version;
}

// A value that somebody has yet to read must not be replaced or removed: it never comes back.
bool KeySearch::value_may_go() const {
    return !state_.is_there() || readers_waiting_[state_.writer] == 0;
}

// Goes back to the last situation that has a choice left, and makes it; false when there is none.
bool KeySearch::next_choice() {
    while (!frames_.empty()) {
        Frame& frame = frames_.back();
        undo_to(frame.trail);
        state_ = frame.state;
        if (frame.next < choices_.size()) {
            make(choices_[frame.next++]);
            return true;
        }
        choices_.resize(frame.choices);
        frames_.pop_back();
    }
    return false;
}

void KeySearch::make(Choice choice) {
    const bool puts = choice.operation != nobody && operations_[choice.operation].op().puts();
    if (puts) {
        state_ = model_.after_put(choice.operation, choice.version, waiting_.deadline());
    } else {
        state_ = {nobody, state_.version, {}};
    }
    if (choice.operation != nobody) take(choice.operation);
}

bool KeySearch::can_expire(Instant deadline) const {
    return state_.is_there() && state_.expiry.earliest <= deadline;
}

void KeySearch::take(std::uint32_t operation) {
    const KeyOperation& it = operations_[operation];
    trail_.push_back(operation);
    taken_ = taken_ ^ mark_of(operation, 0);
    if (it.may_be_left_out) {
        optional_.take_out(operation);
        return;
    }
    waiting_.take_out(operation);
    if (it.version != 0) ++given_;
    if (it.writer != nobody) --readers_waiting_[it.writer];
}

void KeySearch::undo_to(std::size_t trail) {
    while (trail_.size() > trail) {
        const std::uint32_t operation = trail_.back();
        const KeyOperation& it = operations_[operation];
        trail_.pop_back();
        taken_ = taken_ ^ mark_of(operation, 0);
        if (it.may_be_left_out) {
            optional_.put_back(operation);
            continue;
        }
        waiting_.put_back(operation);
        if (it.version != 0) --given_;
        if (it.writer != nobody) ++readers_waiting_[it.writer];
    }
}

Mark KeySearch::mark_of_situation() const {
    constexpr std::uint64_t no_operation = std::uint64_t{1} << 40;
    const auto latest = static_cast<std::uint64_t>(state_.expiry.latest.time_since_epoch().count());
    return taken_ ^ mark_of(no_operation + state_.writer, state_.version) ^
           mark_of(2 * no_operation, latest);
}

}  // namespace raftkv::test
