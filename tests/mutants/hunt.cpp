#include "tests/mutants/hunt.hpp"

#include "cli/test/simulation/simulation.hpp"
#include "tests/mutants/active.hpp"

namespace raftkv::mutants {

std::optional<Catch> hunt(std::size_t mutant, std::uint64_t seeds) {
    active = static_cast<int>(mutant);
    std::optional<Catch> caught;
    std::uint64_t events = 0;
    std::uint64_t tried = 0;
    for (std::uint64_t seed = 1; tried < seeds && !caught; ++seed) {
        const simulation::Plan plan = simulation::make_plan(seed, {});
        if (all()[mutant].of_members && !simulation::changes_members(plan)) continue;
        ++tried;
        const simulation::Outcome outcome = simulation::run(plan);
        events += outcome.counters.events;
        if (outcome.failure) {
            caught = Catch{outcome.failure->invariant, outcome.failure->message, seed, events};
        }
    }
    active = -1;
    return caught;
}

}  // namespace raftkv::mutants
