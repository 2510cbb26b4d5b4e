// The scenarios against clusters that are broken on purpose: each fault is found by the scenarios
// that promise to find it, and for the right reason.

#include <gtest/gtest.h>

#include "tests/system/test_scenarios/test_run.hpp"

namespace raftkv::test {
namespace {

std::vector<std::string> arguments_for(const std::string& scenario) {
    if (scenario == "election") return {"election", "--rounds", "2"};
    if (scenario == "stress") return {"stress", "--clients", "4", "--seconds", "4"};
    return {scenario};
}

struct Broken {
    const char* mode;
    const char* scenario;
    const char* reason;  // what the result must say
};

class BrokenCluster : public testing::TestWithParam<Broken> {};

TEST_P(BrokenCluster, IsCaughtForTheRightReason) {
    TestRun run(arguments_for(GetParam().scenario), GetParam().mode);
    EXPECT_EQ(run.exit_code(), 1) << run.output();
    const std::string output = run.output();
    EXPECT_NE(output.find("FAILED"), std::string::npos) << output;
    EXPECT_NE(output.find(std::string("  reason: ") + GetParam().reason), std::string::npos)
        << output;
    EXPECT_TRUE(run.nodes_end());
}

INSTANTIATE_TEST_SUITE_P(
    Scenarios, BrokenCluster,
    testing::Values(Broken{"forgets", "replication", "an acknowledged write is lost"},
                    Broken{"forgets", "stress", "an acknowledged write is lost"},
                    Broken{"stale_reads", "replication", "a stale read"},
                    Broken{"stale_reads", "stress", "a stale read"},
                    Broken{"two_leaders", "election", "two leaders in term"},
                    Broken{"replicas_differ", "replication", "the replicas differ"},
                    Broken{"replicas_differ", "stress", "the replicas differ"},
                    Broken{"duplicate_versions", "stress", "a version given twice"},
                    Broken{"applies_refused", "stress", "a refused write took effect"},
                    Broken{"keeps_expired", "stress", "a read past the deadline"},
                    Broken{"no_quorum", "election", "2 of 5 nodes served a write"},
                    Broken{"never_elects_again", "election",
                           "no write was acknowledged within 10 s"},
                    Broken{"dies", "replication", "node "},
                    Broken{"dies", "stress", "node ")),
    [](const auto& test) {
        return std::string(test.param.mode) + "_in_" + test.param.scenario;
    });

    TEST(SoundCluster, OfStandInsPassesEverything) {
        TestRun run({"all", "--rounds", "2", "--clients", "4", "--seconds", "4"}, "sound");
        EXPECT_EQ(run.exit_code(), 0) << run.output();
        EXPECT_TRUE(run.leftovers().empty());
    }

    TEST(FailedScenario, SaysWhereDataLogsAndHistoryAre) {
        TestRun run({"replication"}, "forgets");
        EXPECT_EQ(run.exit_code(), 1) << run.output();
        ASSERT_EQ(run.leftovers().size(), 1u);
        const auto folder = run.leftovers().front();
        EXPECT_NE(run.output().find("data and logs: " + folder.string()), std::string::npos);
        for (const char* file : {"config.json", "data", "node-0.log", "history.txt"}) {
            EXPECT_TRUE(std::filesystem::exists(folder / file)) << file;
        }
    }

    TEST(DyingNode, IsNamedWithItsExitCode) {
        TestRun run({"replication"}, "dies");
        EXPECT_EQ(run.exit_code(), 1);
        EXPECT_NE(run.output().find("ended by itself with exit code 3"), std::string::npos)
            << run.output();
    }

}  // namespace
}  // namespace raftkv::test
