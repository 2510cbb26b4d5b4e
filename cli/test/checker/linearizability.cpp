#include "cli/test/checker/linearizability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/test/checker/explanation.hpp"
#include "cli/test/checker/key_part.hpp"
#include "cli/test/checker/key_search.hpp"
#include "cli/test/checker/memory_account.hpp"
#include "cli/test/checker/step_counter.hpp"
#include "common/check.hpp"

namespace raftkv::test {
namespace {

// Beside the parts themselves: the proofs of versions and the tables of writers while they are
// made.
constexpr std::size_t bytes_for_an_operation = sizeof(KeyOperation) + 160;
constexpr std::uint64_t steps_for_an_explanation = 50'000'000;

// One run of check_linearizable().
class Check {
  public:
    Check(const History& history, const Limits& limits, const CheckBudget& budget,
          const CheckWatch& watch)
        : history_(history),
          limits_(limits),
          budget_(budget),
          watch_(watch),
          steps_(budget.steps, [this] { return report(); }),
          memory_(budget.memory_bytes) {}

    CheckResult run();

  private:
    bool decide_all();
    bool decide(const KeyPart& key, std::uint64_t steps);
    Found search(const KeyPart& key, std::uint64_t steps);
    void say_undecided(std::string_view key, std::string why);
    void say_no(std::string_view key);
    bool report() const;

    const History& history_;
    const Limits& limits_;
    const CheckBudget& budget_;
    const CheckWatch& watch_;
    StepCounter steps_;
    MemoryAccount memory_;
    Parts parts_;
    std::vector<const KeyPart*> hard_;  // that a fair share of the steps was not enough for
    std::size_t done_ = 0;
    CheckResult result_;
};

CheckResult Check::run() {
    if (memory_.take(history_.size() * bytes_for_an_operation)) {
        parts_ = take_apart(history_);
        result_.keys = parts_.keys.size();
        result_.outcome = Linearizable::yes;
        if (parts_.clash) {
            say_no(parts_.clash->second->key);
        } else {
            decide_all();
        }
    } else {
        say_undecided("", fmt::format("{} operations do not fit into {} MiB", history_.size(),
                                      budget_.memory_bytes >> 20));
    }
    result_.steps = steps_.used();
    return std::move(result_);
}

// False when there is nothing left to find out.
bool Check::decide_all() {
    for (const KeyPart& key : parts_.keys) {
        // What easy keys leave over goes to the rest.
        if (!decide(key, steps_.left() / (parts_.keys.size() - done_))) return false;
        ++done_;
    }
    for (const KeyPart* key : std::exchange(hard_, {})) {
        if (!decide(*key, steps_.left())) return false;
    }
    for (const KeyPart* key : hard_) {
        say_undecided(key->name, fmt::format("its {} operations were not decided within {} steps",
                                             key->operations.size(), budget_.steps));
    }
    return true;
}

// False when the check is over.
bool Check::decide(const KeyPart& key, std::uint64_t steps) {
    if (key.ambiguous != nullptr) {
        say_undecided(key.name, fmt::format("two writes have the value {:016x} in common, and one "
                                            "of them got no answer: give each its own value",
                                            key.ambiguous->fingerprint));
        return true;
    }
    switch (search(key, steps)) {
        case Found::an_order:
            return true;
        case Found::none:
            say_no(key.name);
            return false;
        case Found::out_of_steps:
            if (steps_.stopped()) say_undecided(key.name, "the check was stopped");
            hard_.push_back(&key);
            return !steps_.stopped();
        case Found::out_of_memory:
            say_undecided(key.name, fmt::format("its {} operations were not decided within {} MiB",
                                                key.operations.size(), budget_.memory_bytes >> 20));
            return true;
    }
    check_failed("known Found", __FILE__, __LINE__);
}

Found Check::search(const KeyPart& key, std::uint64_t steps) {
    if (steps == 0) return Found::out_of_steps;
    const std::size_t bytes = KeySearch::bytes_for(key.operations.size());
    if (!memory_.take(bytes)) return Found::out_of_memory;
    steps_.begin_part(steps);
    const Found found = KeySearch(key, parts_.versions, limits_, steps_, memory_).run();
    memory_.give_back(bytes);
    return found;
}

// The first key that is undecided is told of.
void Check::say_undecided(std::string_view key, std::string why) {
    if (result_.outcome == Linearizable::undecided && !result_.explanation.empty()) return;
    result_.outcome = Linearizable::undecided;
    result_.key = key;
    result_.explanation = key.empty() ? why + "\n" : fmt::format("key {}: {}\n", key, why);
}

void Check::say_no(std::string_view key) {
    Instant epoch = Instant::max();
    for (const Operation& op : history_) epoch = std::min(epoch, op.start);
    // Finding out why must not fail for having found out that.
    StepCounter steps(steps_for_an_explanation, nullptr);
    result_.outcome = Linearizable::no;
    result_.key = key;
    result_.explanation = parts_.clash ? explain(*parts_.clash, epoch)
                                       : explain(history_, key, limits_, epoch, steps);
}

bool Check::report() const {
    return !watch_ || watch_({done_, parts_.keys.size(), steps_.used()});
}

}  // namespace

std::string_view name_of(Linearizable outcome) {
    switch (outcome) {
        case Linearizable::yes:
            return "linearizable";
        case Linearizable::no:
            return "not linearizable";
        case Linearizable::undecided:
            return "undecided";
    }
    check_failed("known Linearizable", __FILE__, __LINE__);
}

CheckResult check_linearizable(const History& history, const Limits& limits,
                               const CheckBudget& budget, const CheckWatch& watch) {
    return Check(history, limits, budget, watch).run();
}

}  // namespace raftkv::test
