#include "cli/test/simulation/simulation.hpp"

#include <gtest/gtest.h>

#include <set>

#include "cli/test/simulation/last_events.hpp"

namespace raftkv::simulation {
namespace {

TEST(Simulation, TheSameSeedIsTheSameRun) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const Outcome first = run(make_plan(seed, {}));
        const Outcome second = run(make_plan(seed, {}));
        EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
        EXPECT_EQ(first.counters.events, second.counters.events) << "seed " << seed;
    }
}

TEST(Simulation, AnotherSeedIsAnotherRun) {
    EXPECT_NE(run(make_plan(1, {})).trace_hash, run(make_plan(2, {})).trace_hash);
}

TEST(Simulation, WatchingDoesNotChangeTheRun) {
    const Plan plan = make_plan(7, {});
    trace::Trace trace;
    RunOptions watched;
    watched.trace = &trace;
    EXPECT_EQ(run(plan).trace_hash, run(plan, watched).trace_hash);
    EXPECT_FALSE(trace.messages.empty());
    EXPECT_FALSE(trace.roles.empty());
    EXPECT_FALSE(trace.operations.empty());
    EXPECT_EQ(last_events(trace, 25).size(), 25u);
}

// Where nothing goes wrong everything that a client asks is done, at once.
TEST(Simulation, WithoutFaultsEveryOperationIsDone) {
    Plan plan = make_plan(3, {.nodes = 3, .seconds = 10});
    plan.faults.clear();
    plan.limits = Limits();
    plan.pace = Pace();
    const Outcome outcome = run(plan, {.check_history = true, .trace = nullptr});
    ASSERT_FALSE(outcome.failure) << outcome.failure->message;
    const auto count = [&](Seen what) {
        return outcome.counters.seen[static_cast<std::size_t>(what)];
    };
    const std::uint64_t changes = count(Seen::leader_changed);
    EXPECT_TRUE(changes == 1 || changes == 2) << changes << ": the second by priority";
    EXPECT_EQ(count(Seen::unknown_outcome), 0u);
    EXPECT_GT(count(Seen::wrote) + count(Seen::read), plan.operations.size() / 2);
    EXPECT_EQ(count(Seen::torn_tail_repaired) + count(Seen::reserved_tail_repaired), 0u);
    EXPECT_EQ(count(Seen::corruption_found), 0u);
}

// Election timeouts are 150 to 300 ms.
TEST(Simulation, DisksThatAreSlowerThanElectionTimeoutsElectALeaderToo) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        Plan plan = make_plan(seed, {.nodes = seed % 2 == 0 ? 3u : 5u, .seconds = 1});
        plan.faults.clear();
        plan.limits = Limits();
        plan.pace = Pace();
        plan.pace.sync = 200'000;
        plan.pace.sync_jitter = 50'000;
        plan.members = plan.nodes;
        const Outcome outcome = run(plan);
        EXPECT_FALSE(outcome.failure) << "seed " << seed << ": " << outcome.failure->message;
    }
}

TEST(Simulation, ClustersOfEverySizePass) {
    for (std::uint32_t nodes = 1; nodes <= 9; ++nodes) {
        const Outcome outcome = run(make_plan(40 + nodes, {.nodes = nodes, .seconds = 5}));
        EXPECT_FALSE(outcome.failure) << nodes << " nodes: " << outcome.failure->message;
    }
}

TEST(Plan, LeavingOutAFaultLeavesTheOthersAlone) {
    const Plan plan = make_plan(5, {});
    Plan without = plan;
    without.faults.erase(without.faults.begin());
    EXPECT_EQ(make_plan(5, {}), plan);
    EXPECT_EQ(without.operations, plan.operations);
    EXPECT_NE(without, plan);
}

// Of more than one nobody could say which are right.
TEST(Plan, TheWallClockOfOneMachineIsSetWrongAtMost) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        std::set<std::uint32_t> machines;
        for (const Fault& fault : make_plan(seed, {}).faults)
            if (fault.kind == FaultKind::wall_jump) machines.insert(fault.node);
        EXPECT_LE(machines.size(), 1u) << "seed " << seed;
    }
}

// Every machine is started anew, again and again, and one of them shows another century.
TEST(Simulation, KeysLiveTheirTimeThoughAllClocksAreLostAndOneIsWrong) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        Plan plan = make_plan(seed, {.nodes = 3});
        plan.members = plan.nodes;
        plan.faults.clear();
        constexpr std::int64_t century_ms = std::int64_t{36'525} * 86'400'000;
        plan.faults.push_back({.kind = FaultKind::wall_jump,
                               .at = 2'500'000,
                               .node = static_cast<std::uint32_t>(seed % 3),
                               .amount = seed % 2 == 0 ? century_ms : -century_ms});
        for (Micros at = 3'000'000; at < 9'000'000; at += 2'000'000)
            plan.faults.push_back({.kind = FaultKind::lose_clocks, .at = at, .lasts = 700'000});
        const Outcome outcome = run(plan);
        EXPECT_FALSE(outcome.failure) << "seed " << seed << ": " << outcome.failure->message;
    }
}

// Each damage may cost the cluster a node for good.
TEST(Plan, DamageNeverTakesAMajority) {
    for (std::uint64_t seed = 1; seed <= 500; ++seed) {
        const Plan plan = make_plan(seed, {});
        std::size_t damaged = 0;
        for (const Fault& fault : plan.faults) {
            damaged += damages_synced_data(fault.kind);
        }
        EXPECT_LE(damaged, (plan.nodes - 1) / 2) << "seed " << seed;
    }
}

}  // namespace
}  // namespace raftkv::simulation
