// Chaos on clusters that are broken on purpose: what breaks its promises is caught, for the right
// reason, and what does not is not blamed.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/system/test_scenarios/test_run.hpp"

namespace raftkv::test {
namespace {

struct Broken {
    const char* mode;
    const char* check;   // the first that fails
    const char* reason;  // what it says
};

const std::vector<std::string>& arguments() {
    static const std::vector<std::string> all = {
        "chaos",   "--nodes", "3",         "--clients", "4",      "--faults", "kill,pause",
        "--every", "300",     "--seconds", "3",         "--seed", "4"};
    return all;
}

class BrokenCluster : public testing::TestWithParam<Broken> {};

TEST_P(BrokenCluster, IsCaughtForTheRightReason) {
    TestRun run(arguments(), GetParam().mode);
    EXPECT_EQ(run.exit_code(), 1) << run.output();
    const std::string output = run.output();
    EXPECT_NE(output.find("FAILED"), std::string::npos) << output;
    EXPECT_NE(output.find(std::string("FAIL  ") + GetParam().check), std::string::npos) << output;
    EXPECT_NE(output.find(GetParam().reason), std::string::npos) << output;
    EXPECT_TRUE(run.nodes_end());
}

const Broken broken_clusters[] = {
    {"forgets", "every reply is explained", "an acknowledged write is lost"},
    {"stale_reads", "every reply is explained", "a stale read"},
    {"stale_reads", "the history is linearizable", "no order of the operations of key"},
    {"two_leaders", "no node dies, no term has two leaders", "two leaders in term"},
    {"replicas_differ", "all replicas are equal", "the replicas differ"},
    {"duplicate_versions", "every reply is explained", "a version given twice"},
    {"applies_refused", "every reply is explained", "a refused write took effect"},
    {"dies", "no node dies", "ended by itself with exit code 3"},
};

std::string name_of(const testing::TestParamInfo<Broken>& test) {
    return std::string(test.param.mode) + "_" + std::to_string(test.index);
}

INSTANTIATE_TEST_SUITE_P(Chaos, BrokenCluster, testing::ValuesIn(broken_clusters), name_of);

TEST(SoundCluster, OfStandInsPasses) {
    TestRun run(arguments(), "sound");
    EXPECT_EQ(run.exit_code(), 0) << run.output();
    EXPECT_TRUE(run.leftovers().empty());
}

TEST(FailedRun, LeavesWhatIsNeededToUnderstandItAndSaysHowToRepeatIt) {
    TestRun run(arguments(), "forgets");
    EXPECT_EQ(run.exit_code(), 1) << run.output();
    ASSERT_EQ(run.leftovers().size(), 1u) << run.output();
    const auto folder = run.leftovers().front();
    EXPECT_NE(run.output().find(folder.string()), std::string::npos) << run.output();
    for (const char* file :
         {"config.json", "data", "node-0.log", "history.jsonl", "report.html", "report.json"}) {
        EXPECT_TRUE(std::filesystem::exists(folder / file)) << file;
    }
    EXPECT_NE(run.output().find("again: raftkv test chaos --seed 4 --seconds 3 --nodes 3"),
              std::string::npos)
        << run.output();
    // The history that it leaves is one that can be checked by itself.
    TestRun check({"check", (folder / "history.jsonl").string()});
    EXPECT_EQ(check.exit_code(), 1) << check.output();
}

}  // namespace
}  // namespace raftkv::test
