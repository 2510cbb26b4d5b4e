#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "cli/test/simulation/plan.hpp"

namespace raftkv::simulation {

struct ShrinkProgress {
    std::size_t runs = 0;
    std::size_t faults = 0;
    std::size_t operations = 0;
};
// False ends it with what was reached.
using ShrinkWatch = std::function<bool(const ShrinkProgress&)>;

// A smaller plan that breaks the same invariant: fewer faults, fewer operations, a shorter run.
// (Delta debugging, Zeller 2002: halves, then quarters and so on are left out for good when the
// failure does not need them.) Takes at most `most_runs` runs of it.
Plan shrink(const Plan& plan, const std::string& invariant, std::size_t most_runs,
            const ShrinkWatch& watch);

}  // namespace raftkv::simulation
