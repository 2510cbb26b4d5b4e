// The scenarios against clusters that are broken on purpose: each fault is found by the scenarios
// that promise to find it, and for the right reason.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/system/test_scenarios/test_run.hpp"

namespace raftkv::test {
namespace {

struct Broken {
    const char* mode;
    const char* scenario;
    const char* reason;                 // what the result must say
    const char* other_reason = reason;  // or this, whichever is met first
    const char* seconds = "4";          // of stress
};

std::vector<std::string> arguments_for(const Broken& broken) {
    const std::string scenario = broken.scenario;
    if (scenario == "election") return {"election", "--rounds", "2"};
    if (scenario == "stress") return {"stress", "--clients", "4", "--seconds", broken.seconds};
    return {scenario};
}

bool gives_reason(const std::string& output, const std::string& reason) {
    return output.find("  reason: " + reason) != std::string::npos;
}

class BrokenCluster : public testing::TestWithParam<Broken> {};

TEST_P(BrokenCluster, IsCaughtForTheRightReason) {
    TestRun run(arguments_for(GetParam()), GetParam().mode);
    EXPECT_EQ(run.exit_code(), 1) << run.output();
    const std::string output = run.output();
    EXPECT_NE(output.find("FAILED"), std::string::npos) << output;
    EXPECT_TRUE(gives_reason(output, GetParam().reason) ||
                gives_reason(output, GetParam().other_reason))
        << output;
    EXPECT_TRUE(run.nodes_end());
}

const Broken broken_clusters[] = {
    {"forgets", "replication", "an acknowledged write is lost"},
    {"forgets", "stress", "an acknowledged write is lost"},
    {"stale_reads", "replication", "a stale read"},
    {"stale_reads", "stress", "a stale read"},
    {"two_leaders", "election", "two leaders in term"},
    {"replicas_differ", "replication", "the replicas differ"},
    {"replicas_differ", "stress", "the replicas differ"},
    {"duplicate_versions", "stress", "a version given twice"},
    {"applies_refused", "stress", "a refused write took effect"},
    // Keys must have rested until their deadlines were certainly over.
    {"keeps_expired", "stress", "a read past the deadline", "a write", "6"},
    {"no_quorum", "election", "2 of 5 nodes served a write"},
    {"never_elects_again", "election", "no write was acknowledged within 10 s"},
    {"dies", "replication", "node "},
    {"dies", "stress", "node "},
};

std::string name_of(const testing::TestParamInfo<Broken>& test) {
    return std::string(test.param.mode) + "_in_" + test.param.scenario;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, BrokenCluster, testing::ValuesIn(broken_clusters), name_of);

// They move no leadership by order and take no snapshots.
TEST(SoundCluster, OfStandInsPassesWhatItCanDo) {
    const std::vector<std::vector<std::string>> scenarios{
        {"election", "--rounds", "2"},
        {"replication"},
        {"stress", "--clients", "4", "--seconds", "4"},
    };
    for (const std::vector<std::string>& scenario : scenarios) {
        TestRun run(scenario, "sound");
        EXPECT_EQ(run.exit_code(), 0) << run.output();
        EXPECT_TRUE(run.leftovers().empty());
    }
}

TEST(FailedScenario, SaysWhereDataLogsAndHistoryAre) {
    TestRun run({"replication"}, "forgets");
    EXPECT_EQ(run.exit_code(), 1) << run.output();
    ASSERT_EQ(run.leftovers().size(), 1u);
    const auto folder = run.leftovers().front();
    EXPECT_NE(run.output().find("data and logs: " + folder.string()), std::string::npos);
    for (const char* file : {"config.json", "data", "node-0.log", "history.txt", "history.jsonl"}) {
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
