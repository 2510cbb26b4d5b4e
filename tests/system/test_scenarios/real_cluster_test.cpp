// The scenarios on real nodes, and how a run behaves from outside.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <csignal>

#include "tests/system/test_scenarios/test_run.hpp"

namespace raftkv::test {
namespace {

nlohmann::json result_of(TestRun& run) {
    EXPECT_EQ(run.exit_code(), 0) << run.output();
    return nlohmann::json::parse(run.last_line());
}

TEST(RealNodes, SurviveTheLossOfTheirLeaders) {
    TestRun run({"election", "--rounds", "3", "--json"});
    const auto result = result_of(run);
    EXPECT_EQ(result["passed"], true);
    const auto& figures = result["scenarios"][0]["figures"];
    EXPECT_GT(figures["kill_median_ms"], 0);
    EXPECT_GE(figures["kill_worst_ms"], figures["kill_median_ms"]);
    EXPECT_GT(figures["pause_median_ms"], 0);
    EXPECT_GE(figures["terms"], 7);
    EXPECT_TRUE(run.leftovers().empty());
}

TEST(RealNodes, ReplicateToEmptyAndAbsentNodes) {
    TestRun run({"replication", "--json"});
    const auto result = result_of(run);
    EXPECT_GT(result["scenarios"][0]["figures"]["empty_node_ms"], 0);
    EXPECT_GT(result["scenarios"][0]["figures"]["absent_node_ms"], 0);
}

TEST(RealNodes, StandStress) {
    TestRun run({"stress", "--clients", "8", "--seconds", "6", "--json"});
    const auto result = result_of(run);
    const auto& figures = result["scenarios"][0]["figures"];
    EXPECT_GT(figures["acknowledged_writes"], 100);
    EXPECT_GT(figures["refused_writes"], 0);
    EXPECT_GT(figures["reads"], 100);
    EXPECT_GE(figures["leaders_killed"].get<int>() + figures["leaders_paused"].get<int>(), 1);
}

TEST(RealNodes, MoveLeadershipWithoutLosingAWrite) {
    TestRun run({"transfer", "--nodes", "3", "--rounds", "4", "--clients", "4", "--json"});
    const auto result = result_of(run);
    const auto& figures = result["scenarios"][0]["figures"];
    EXPECT_GT(figures["acknowledged_writes"], 100);
    EXPECT_GT(figures["transfer_median_ms"], 0);
    EXPECT_GT(figures["stop_median_ms"], 0);
}

TEST(RealNodes, ComeGoAndTakeEachOthersPlace) {
    TestRun run({"membership", "--nodes", "3", "--rounds", "3", "--clients", "4", "--json"});
    const auto result = result_of(run);
    EXPECT_GT(result["scenarios"][0]["figures"]["operations"], 100);
    EXPECT_TRUE(run.leftovers().empty());
}

TEST(RealNodes, TakeSendAndStartFromSnapshots) {
    TestRun run({"snapshot", "--nodes", "3", "--rounds", "1", "--json"});
    const auto result = result_of(run);
    const auto& figures = result["scenarios"][0]["figures"];
    EXPECT_GT(figures["disk_mib"], 0);
    EXPECT_GT(figures["snapshot_mib"], figures["live_mib"]);
    EXPECT_GT(figures["restart_ms"], 0);
}

TEST(RealNodes, AreEnoughWithThree) {
    TestRun run({"all", "--nodes", "3", "--rounds", "1", "--clients", "4", "--seconds", "3"});
    EXPECT_EQ(run.exit_code(), 0) << run.output();
}

TEST(TwoRuns, DoNotGetInEachOthersWay) {
    TestRun first({"replication", "--nodes", "3", "--seed", "1"});
    TestRun second({"replication", "--nodes", "3", "--seed", "1"});
    EXPECT_EQ(first.exit_code(), 0) << first.output();
    EXPECT_EQ(second.exit_code(), 0) << second.output();
}

TEST(Keep, LeavesDataAndLogsOfWhatPassedAndSaysWhere) {
    TestRun run({"replication", "--nodes", "3", "--keep"});
    EXPECT_EQ(run.exit_code(), 0) << run.output();
    ASSERT_EQ(run.leftovers().size(), 1u);
    EXPECT_NE(run.output().find("data and logs: " + run.leftovers().front().string()),
              std::string::npos);
    EXPECT_FALSE(run.leftovers().empty());
}

TEST(CtrlC, EndsTheRunWith130AndLeavesNothing) {
    for (const char* scenario : {"election", "stress"}) {
        TestRun run({scenario});
        ASSERT_TRUE(run.says(scenario == std::string("election") ? "1/10" : "1 s")) << run.output();
        run.signal(SIGINT);
        EXPECT_EQ(run.exit_code(), 130) << run.output();
        EXPECT_NE(run.output().find("interrupted"), std::string::npos) << run.output();
        EXPECT_TRUE(run.leftovers().empty());
        EXPECT_EQ(run.node_processes(), 0u);
    }
}

TEST(KilledRun, LeavesNoNodeBehind) {
    TestRun run({"stress"});
    ASSERT_TRUE(run.says("clients work"));
    ASSERT_GT(run.node_processes(), 0u);
    run.signal(SIGKILL);
    EXPECT_EQ(run.exit_code(), 128 + SIGKILL);
    EXPECT_TRUE(run.nodes_end());
}

TEST(Seed, IsSaidSoThatARunCanBeRepeated) {
    TestRun run({"replication", "--nodes", "3", "--seed", "42"});
    EXPECT_EQ(run.exit_code(), 0) << run.output();
    EXPECT_NE(run.output().find("replication: 3 nodes, seed 42"), std::string::npos)
        << run.output();
}

TEST(WrongUsage, IsExitCode64) {
    const std::vector<std::vector<std::string>> wrong = {
        {},
        {"elections"},
        {"election", "--nodes", "2"},
        {"election", "--nodes", "x"},
        {"election", "--rounds", "0"},
        {"stress", "--seconds", "0"},
        {"stress", "--clients", "0"},
        {"stress", "--seed", "-1"},
        {"election", "--node-program", "/no/such/program"},
        {"election", "--unknown"},
    };
    for (const auto& arguments : wrong) {
        TestRun run(arguments);
        EXPECT_EQ(run.exit_code(), 64) << run.output();
        EXPECT_FALSE(run.output().empty());
    }
}

TEST(NodeProgram, ThatCannotRunIsAFailureThatNamesIt) {
    TestRun run({"election", "--node-program", "/etc/hostname"});
    EXPECT_EQ(run.exit_code(), 1);
    EXPECT_NE(run.output().find("cannot start /etc/hostname"), std::string::npos) << run.output();
}

}  // namespace
}  // namespace raftkv::test
