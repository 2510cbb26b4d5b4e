// How often a cluster of real processes has to stand what can happen to it, each time the tests
// run: 60 rounds of kill -9, a third of them of all nodes at once; 10 each of a pause, a partition
// and a full disk; and members that come and go meanwhile. No acknowledged write may be lost, no
// read be stale.

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/system/test_scenarios/test_run.hpp"

namespace raftkv::test {
namespace {

using nlohmann::json;

// A run that has to pass. Seeds are fixed: they give a known number of faults of each kind.
json report_of(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"chaos", "--json"});
    TestRun run(arguments);
    EXPECT_EQ(run.exit_code(), 0) << run.output();
    json report = json::parse(run.last_line(), nullptr, false);
    EXPECT_TRUE(report.is_object()) << run.output();
    EXPECT_EQ(report["verdict"], "passed") << report["reason"];
    EXPECT_EQ(report["checks"].size(), 5u);
    for (const json& check : report["checks"]) EXPECT_EQ(check["outcome"], "passed") << check;
    EXPECT_TRUE(run.leftovers().empty());
    return report;
}

// How often a fault of these kinds was carried out, and wholly so.
std::int64_t times(const json& report, const std::vector<std::string>& kinds) {
    return std::count_if(report["faults"].begin(), report["faults"].end(), [&](const json& fault) {
        return fault["problem"].is_null() &&
               std::find(kinds.begin(), kinds.end(), fault["kind"]) != kinds.end();
    });
}

TEST(Kill, SixtyRoundsLoseNothing) {
    const json report = report_of({"--nodes", "3", "--clients", "8", "--faults", "kill", "--every",
                                   "500", "--seconds", "45", "--seed", "1"});
    EXPECT_GE(times(report, {"kill", "kill all nodes"}), 60);
    EXPECT_GE(times(report, {"kill all nodes"}), 20);
    EXPECT_GT(report["counts"]["acknowledged"], 1'000);
    // The rounds were rounds: somebody new had to lead, again and again.
    EXPECT_GE(report["terms"], 20);
}

TEST(Pause, TenRoundsLoseNothing) {
    const json report = report_of({"--nodes", "3", "--clients", "8", "--faults", "pause", "--every",
                                   "450", "--seconds", "8", "--seed", "1"});
    EXPECT_GE(times(report, {"pause", "pause a majority"}), 10);
    EXPECT_GE(times(report, {"pause a majority"}), 1);
    EXPECT_GE(report["terms"], 2);
}

TEST(Partition, TenRoundsOfAllShapesLoseNothing) {
    const json report = report_of({"--nodes", "5", "--clients", "8", "--faults", "partition",
                                   "--every", "450", "--seconds", "11", "--seed", "1"});
    const std::vector<std::string> shapes = {"isolate",          "cut what it hears",
                                             "cut what it says", "partition",
                                             "bridge",           "isolate all nodes"};
    EXPECT_GE(times(report, shapes), 10);
    for (const std::string& shape : shapes) EXPECT_GE(times(report, {shape}), 1) << shape;
    EXPECT_GE(report["terms"], 2);
}

TEST(Disk, TenFullOnesLoseNothing) {
    const json report = report_of({"--nodes", "3", "--clients", "8", "--faults", "disk", "--every",
                                   "700", "--seconds", "16", "--seed", "1"});
    EXPECT_GE(times(report, {"fill the disk", "fill all disks"}), 10);
    EXPECT_GE(times(report, {"fill all disks"}), 2);
    EXPECT_GE(times(report, {"stall the disk"}), 1);
    EXPECT_GE(times(report, {"slow disk"}), 1);
}

TEST(Membership, EightChangesLoseNothing) {
    const json report = report_of({"--nodes", "3", "--clients", "8", "--faults", "membership",
                                   "--every", "900", "--seconds", "12", "--seed", "1"});
    const std::vector<std::string> kinds = {"add a node", "add a learner", "remove a node",
                                            "replace a node"};
    EXPECT_GE(times(report, kinds), 8);
    for (const std::string& kind : kinds) EXPECT_GE(times(report, {kind}), 1) << kind;
    // Who was never needed has no lane in the picture.
    EXPECT_GT(report["roles"].size(), 3u);
    for (const json& lane : report["roles"]) {
        const auto answered = [](const json& span) { return !span[2].is_null(); };
        EXPECT_TRUE(std::any_of(lane["spans"].begin(), lane["spans"].end(), answered)) << lane;
    }
}

// Leaders die while members change, and those who change.
TEST(Membership, AmidKillsAndPausesLosesNothing) {
    const json report =
        report_of({"--nodes", "3", "--clients", "8", "--faults", "membership,kill,pause", "--every",
                   "700", "--seconds", "12", "--seed", "2"});
    EXPECT_GE(report["terms"], 4);
}

TEST(Everything, AtATimeLosesNothing) {
    const json report =
        report_of({"--clients", "8", "--every", "800", "--seconds", "10", "--seed", "1"});
    for (const char* family :
         {"kill", "pause", "partition", "disk", "clock", "transfer", "membership"}) {
        const bool occurred =
            std::any_of(report["faults"].begin(), report["faults"].end(), [&](const json& fault) {
                return fault["family"] == family && fault["problem"].is_null();
            });
        EXPECT_TRUE(occurred) << family;
    }
}

}  // namespace
}  // namespace raftkv::test
