#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "tests/system/cluster/bed.hpp"

// What people type and read.

namespace raftkv::system_test {
namespace {

class FaultCommand : public testing::Test {
  protected:
    void SetUp() override { bed.up(); }

    Outcome ok(const Words& words) {
        Outcome outcome = run(words);
        EXPECT_EQ(outcome.exit, 0) << outcome.said;
        return outcome;
    }
    Outcome run(Words words) {
        words.insert(words.begin(), "fault");
        return bed.cluster(words);
    }

    // By what the supervisor noted while one that was cut off believed to lead still. It asks the
    // nodes now and then, so commands may know of a leader before it does.
    void expect_one_leader_a_term() {
        static const std::regex leads("node (\\d+) leads, term (\\d+)");
        EXPECT_TRUE(comes_true([&] {
            const std::string log = Bed::read(bed.paths().log());
            return std::distance(std::sregex_iterator(log.begin(), log.end(), leads), {}) >= 2;
        }));
        std::string log = Bed::read(bed.paths().log());
        std::map<std::string, std::string> leaders;
        for (std::sregex_iterator i(log.begin(), log.end(), leads), end; i != end; ++i) {
            std::string node = (*i)[1], term = (*i)[2];
            EXPECT_EQ(leaders.emplace(term, node).first->second, node) << log;
        }
        EXPECT_GE(leaders.size(), 2u) << log;
    }

    Bed bed{3};
};

TEST_F(FaultCommand, AnIsolatedLeaderIsReplacedAndHealingBringsItBack) {
    std::uint32_t old = bed.leader();
    Outcome isolated = ok({"isolate", "leader"});
    EXPECT_TRUE(isolated.says("node " + std::to_string(old) + ": cut ")) << isolated.said;
    EXPECT_TRUE(isolated.says("until \"raftkv cluster fault heal\"")) << isolated.said;
    EXPECT_TRUE(comes_true([&] { return bed.leader() != old; }));
    expect_one_leader_a_term();
    EXPECT_EQ(bed.set("k", "v"), std::nullopt);
    bed.expect_node(
        old, [](const auto& node) { return node.faults.size() == 4; }, "cut off");
    Outcome status = bed.cluster({"status"});
    EXPECT_TRUE(status.says("cut ")) << status.said;
    EXPECT_TRUE(ok({"heal"}).says("all faults are lifted"));
    bed.expect_node(
        old, [](const auto& node) { return node.faults.empty() && node.lag == 0u; }, "well again");
}

TEST_F(FaultCommand, EachOneIsListedUntilItsTimeIsOver) {
    ok({"cut", "0>2", "--for", "1h"});
    ok({"delay", "2ms"});
    ok({"drop", "0.5%", "1"});
    ok({"disk-full", "2"});
    ok({"slow-disk", "1", "1ms"});
    ok({"clock", "0", "-30s"});
    ok({"clock", "0", "+5%"});
    ok({"stall-disk", "1", "--for", "1ms"});
    bed.expect_node(
        1, [](const auto& node) { return node.faults.size() == 4; }, "free of the short one");
    Outcome listed = ok({"list", "--json"});
    auto nodes = nlohmann::json::parse(listed.said)["nodes"];
    EXPECT_TRUE(nodes[0]["faults"][0].get<std::string>().starts_with("cut to 2 for 35"))
        << listed.said;
    EXPECT_EQ(nodes[0]["faults"].size(), 4u) << listed.said;
    EXPECT_EQ(nodes[0]["faults"][2], "clock -30s");
    EXPECT_EQ(nodes[0]["faults"][3], "clock-rate +5%");
    EXPECT_EQ(nodes[2]["faults"].size(), 3u) << listed.said;
    EXPECT_TRUE(ok({"list"}).says("node 2: cut from 0 (1h); delay 2ms to all; disk-full"));
    ok({"heal"});
    EXPECT_TRUE(ok({"list"}).says("node 0: no faults"));
}

TEST_F(FaultCommand, ABrokenDiskEndsTheNodeAndTheSupervisorStartsItAgain) {
    std::uint32_t old = bed.leader();
    ok({"fail-disk", "leader"});
    (void)bed.set("k", "v");  // its outcome may be unknown
    bed.expect_node(
        old, [](const auto& node) { return node.restarts == 1 && node.role.has_value(); }, "back");
    EXPECT_NE(Bed::read(bed.paths().log()).find("exit code 74"), std::string::npos);
}

TEST_F(FaultCommand, SaysWhatIsWrongAndWhatToDo) {
    struct Case {
        Words words;
        int exit;
        std::string says;
    };
    EXPECT_EQ(bed.cluster({"kill", "1"}).exit, 0);
    for (const Case& each : std::vector<Case>{
             {{}, 64, "what is required"},
             {{"explode"}, 64, "\"explode\" is no fault; there are cut, isolate"},
             {{"cut"}, 64, "in quotes"},
             {{"isolate", "7"}, 64, "there is no node 7; the members are 0, 1, 2"},
             {{"disk-full", "1"}, 69, "start it with \"raftkv cluster start 1\""},
             {{"isolate", "0", "--for", "soon"}, 64, "--for: expected a time"},
             {{"isolate", "0", "--for", "0s"}, 64, "1ms at least"},
             {{"isolate", "0", "--json"}, 64, "--json is for list"},
             {{"heal", "0"}, 64, "heal takes nothing else"},
             {{"list", "--for", "1s"}, 64, "list takes nothing else"},
             {{"list", "--config", "none.json"}, 64, "none.json"},
         }) {
        Outcome outcome = run(each.words);
        EXPECT_EQ(outcome.exit, each.exit) << outcome.said;
        EXPECT_TRUE(outcome.says(each.says)) << each.says << " is not in: " << outcome.said;
    }
    EXPECT_TRUE(ok({"list"}).says("node 1: node 1 does not run")) << run({"list"}).said;
    EXPECT_EQ(ok({"cut", "0-1"}).said.find("node 1: "), std::string::npos);
    EXPECT_EQ(bed.cluster({"down"}).exit, 0);
    EXPECT_EQ(run({"heal"}).exit, 69);
    EXPECT_EQ(run({"list"}).exit, 69);
    EXPECT_EQ(run({"isolate", "leader"}).exit, 69);
}

}  // namespace
}  // namespace raftkv::system_test
