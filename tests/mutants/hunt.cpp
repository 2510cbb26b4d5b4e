#include "tests/mutants/hunt.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "cli/test/simulation/plan_file.hpp"
#include "cli/test/simulation/simulation.hpp"
#include "tests/mutants/active.hpp"

namespace raftkv::mutants {

namespace {

std::optional<simulation::Plan> kept_plan(std::string_view name) {
    if (name.empty()) return std::nullopt;
    std::ifstream in(
        std::string(RAFTKV_SOURCE "/tests/unit/simulation/regressions/") + std::string(name),
        std::ios::binary);
    auto kept = simulation::parse_plan(std::string{std::istreambuf_iterator<char>(in), {}});
    if (!kept) return std::nullopt;
    return std::move(kept->plan);
}

}  // namespace

std::optional<Catch> hunt(std::size_t mutant, std::uint64_t seeds) {
    active = static_cast<int>(mutant);
    std::optional<Catch> caught;
    std::uint64_t events = 0;
    if (const auto plan = kept_plan(all()[mutant].plan)) {
        const simulation::Outcome outcome = simulation::run(*plan);
        events += outcome.counters.events;
        if (outcome.failure)
            caught =
                Catch{outcome.failure->invariant, outcome.failure->message, plan->seed, events};
    }
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
