#pragma once

#include <string>
#include <string_view>

#include "cli/test/checker/key_part.hpp"
#include "cli/test/checker/step_counter.hpp"
#include "cli/test/history/expiry.hpp"
#include "cli/test/history/history.hpp"

namespace raftkv::test {

// What to tell people of a history that has no order, in lines.

std::string explain(const VersionClash& clash, Instant epoch);

// Of a key for which no order was found. Looks for the fewest answers that rule out every order,
// whatever the rest did; spends a bounded number of steps.
std::string explain(const History& history, std::string_view key, const Limits& limits,
                    Instant epoch, StepCounter& steps);

}  // namespace raftkv::test
