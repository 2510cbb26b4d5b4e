#include "cli/test/simulation/simulation.hpp"

#include <fmt/format.h>

#include "cli/test/checker/linearizability.hpp"
#include "cli/test/simulation/broken.hpp"
#include "cli/test/simulation/world.hpp"
#include "common/check.hpp"

namespace raftkv::simulation {

namespace {

[[noreturn]] void throw_broken(const char* expression, const char* file, int line) {
    throw Broken("the code's own checks", fmt::format("{} ({}:{})", expression, file, line));
}

// What clients see of the cluster's clock.
test::Limits limits_of(const Plan& plan, const World& world) {
    const ClockBounds bounds = clock_bounds_of(plan);
    test::Limits limits;
    limits.clock_lag = std::chrono::milliseconds(bounds.at(world.now()));
    if (!bounds.known) limits.clock_lag = std::chrono::hours(1);
    return limits;
}

std::optional<Failure> judge_history(const Plan& plan, World& world) {
    test::CheckBudget budget;
    budget.steps = 200'000'000;
    world.counters().saw(Seen::whole_history_checked);
    const test::CheckResult result =
        test::check_linearizable(world.history(), limits_of(plan, world), budget);
    if (result.outcome == test::Linearizable::yes) return std::nullopt;
    return Failure{std::string("linearizability"),
                   fmt::format("{}: key {}: {}", test::name_of(result.outcome), result.key,
                               result.explanation),
                   world.now(),
                   {}};
}

}  // namespace

Outcome run(const Plan& plan, const RunOptions& options) {
    set_check_handler(throw_broken);
    World world(plan, options.trace);
    Outcome outcome;
    try {
        world.run();
        if (options.check_history) outcome.failure = judge_history(plan, world);
    } catch (const Broken& broken) {
        outcome.failure = Failure{broken.invariant, broken.message, world.now(), broken.node};
    }
    world.recorder().finish(world.now());
    if (options.trace && outcome.failure) {
        options.trace->failure =
            trace::Failure{outcome.failure->invariant, outcome.failure->message,
                           outcome.failure->at, outcome.failure->node};
    }
    outcome.trace_hash = world.trace_hash();
    outcome.counters = world.counters();
    outcome.ended = world.now();
    return outcome;
}

}  // namespace raftkv::simulation
