#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "cli/test/history/expiry.hpp"
#include "cli/test/history/history.hpp"

// Says whether a history is linearizable: whether there is an order of its operations, each at one
// instant between its start and its end, in which a store that does one at a time would have given
// the same answers. Nothing in here knows threads, clocks or chance: the same arguments give the
// same result.

namespace raftkv::test {

struct CheckBudget {
    // Looks at one operation in one state. A million take about 0.1 s.
    std::uint64_t steps = 500'000'000;
    // What the checker may hold beside the history.
    std::size_t memory_bytes = std::size_t{256} << 20;
};

enum class Linearizable : std::uint8_t {
    yes,
    no,
    undecided,  // out of budget, or out of what `watch` allowed: never a pass
};

std::string_view name_of(Linearizable outcome);

struct CheckResult {
    Linearizable outcome = Linearizable::undecided;
    std::string key;  // where it went wrong, or what was not decided; empty when all is well
    // For people, lines of text: the fewest operations that cannot be put in any order, or what
    // could not be decided and why. Empty when all is well.
    std::string explanation;
    std::uint64_t steps = 0;  // used
    std::size_t keys = 0;     // in the history
};

struct CheckProgress {
    std::size_t keys_done = 0;
    std::size_t keys = 0;
    std::uint64_t steps = 0;
};
// Called now and then; false ends the check, undecided.
using CheckWatch = std::function<bool(const CheckProgress&)>;

// What the store is held to: the protocol, see the README of this folder. A `no` outweighs what
// other keys leave undecided.
CheckResult check_linearizable(const History& history, const Limits& limits,
                               const CheckBudget& budget, const CheckWatch& watch = {});

}  // namespace raftkv::test
