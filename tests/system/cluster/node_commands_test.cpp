#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/cluster/control_client.hpp"
#include "cli/cluster/process_identity.hpp"
#include "tests/system/cluster/bed.hpp"
#include "tests/system/cluster/on_terminal.hpp"

namespace raftkv::system_test {
namespace {

using cli::NodeState;
using cli::NodeView;

bool answers(const NodeView& node) {
    return node.role.has_value();
}

class NodeCommands : public testing::Test {
  protected:
    void SetUp() override { bed.up(); }
    Outcome ok(const Words& words) {
        Outcome outcome = bed.cluster(words);
        EXPECT_EQ(outcome.exit, 0) << words[0] << ": " << outcome.said;
        return outcome;
    }

    Bed bed{3};
};

TEST_F(NodeCommands, TheKilledLeaderStaysDownAndNothingIsLost) {
    ASSERT_EQ(bed.set("k", "v"), std::nullopt);
    std::uint32_t old = bed.leader();
    Outcome killed = ok({"kill", "leader"});
    EXPECT_TRUE(killed.says("node " + std::to_string(old))) << killed.said;
    EXPECT_EQ(bed.get("k"), "v");
    EXPECT_NE(bed.leader(), old);
    EXPECT_EQ(bed.node(old).state, NodeState::stopped);
    EXPECT_EQ(bed.node(old).pid, std::nullopt);
    Outcome started = ok({"start", std::to_string(old)});
    EXPECT_TRUE(started.says("runs (pid")) << started.said;
    bed.expect_node(old, answers, "answering");
}

TEST_F(NodeCommands, StopAndStart) {
    ok({"stop", "1"});
    EXPECT_EQ(bed.node(1).state, NodeState::stopped);
    EXPECT_TRUE(Bed::read(bed.paths().log()).find("node 1 ended: exit code 0") !=
                std::string::npos);
    EXPECT_TRUE(ok({"stop", "1"}).says("was not running"));
    ok({"start", "1"});
    EXPECT_TRUE(ok({"start", "1"}).says("already runs"));
}

TEST_F(NodeCommands, APausedNodeIsThereAndSilent) {
    int pid = *bed.node(2).pid;
    ok({"pause", "2"});
    NodeView paused = bed.node(2);
    EXPECT_TRUE(paused.paused);
    EXPECT_EQ(paused.pid, pid);
    EXPECT_EQ(paused.role, std::nullopt);
    ok({"pause", "2"});
    ok({"resume", "2"});
    bed.expect_node(2, answers, "answering");
    EXPECT_EQ(bed.node(2).pid, pid);
}

TEST_F(NodeCommands, APausedLeaderIsReplaced) {
    std::uint32_t old = bed.leader();
    ok({"pause", "leader"});
    EXPECT_TRUE(comes_true([&] {
        auto leader = bed.status().leader;
        return leader && *leader != NodeId(old);
    }));
    EXPECT_EQ(bed.set("k", "v"), std::nullopt);
}

TEST_F(NodeCommands, RestartAllReplacesEveryProcessOneAtATimeAndTheLeaderLast) {
    std::vector<int> before;
    for (std::uint32_t id = 0; id < 3; ++id) before.push_back(*bed.node(id).pid);
    std::uint32_t leader = bed.leader();
    Outcome restart = ok({"restart", "all"});
    EXPECT_TRUE(restart.says("kept its quorum")) << restart.said;
    std::string last = "node " + std::to_string(leader) + ": restarting";
    EXPECT_EQ(restart.said.rfind(": restarting"), restart.said.find(last) + last.size() - 12)
        << restart.said;
    for (std::uint32_t id = 0; id < 3; ++id) {
        EXPECT_NE(bed.node(id).pid, before[id]);
        EXPECT_EQ(bed.node(id).restarts, 1u);
    }
    // Between two ends there is always the start of the first: never two were down.
    std::istringstream log(Bed::read(bed.paths().log()));
    int down = 0;
    for (std::string line; std::getline(log, line);) {
        if (line.find(" ended: ") != std::string::npos) ++down;
        EXPECT_LE(down, 1) << line;
        if (line.find(" started, ") != std::string::npos && down > 0) --down;
    }
}

TEST_F(NodeCommands, WritesGoOnDuringARollingRestart) {
    cli::ChildProcess restart = bed.start({"restart", "all"});
    int written = 0;
    while (restart.running()) {
        auto error = bed.set("k" + std::to_string(written), "v");
        // A write under way when its leader stops may have an unknown outcome; the next must work.
        if (!error) ++written;
    }
    EXPECT_EQ(restart.poll()->code, 0) << bed.output();
    EXPECT_GT(written, 0);
    for (int key = 0; key < written; ++key) EXPECT_EQ(bed.get("k" + std::to_string(key)), "v");
}

TEST_F(NodeCommands, ARestartThatWouldCostTheQuorumIsRefused) {
    ok({"stop", "0"});
    int pid = *bed.node(1).pid;
    Outcome refused = bed.cluster({"restart", "1"});
    EXPECT_EQ(refused.exit, 69);
    EXPECT_TRUE(refused.says("node 0") && refused.says("--force")) << refused.said;
    EXPECT_EQ(bed.node(1).pid, pid);
    EXPECT_EQ(bed.cluster({"restart", "all"}).exit, 69);
    ok({"restart", "1", "--force"});
    EXPECT_NE(bed.node(1).pid, pid);
}

TEST_F(NodeCommands, AStopThatWouldCostTheQuorumTakesForceOnATerminal) {
    ok({"stop", "0"});
    OnTerminal refused(bed, {"cluster", "stop", "1"}, false);
    EXPECT_TRUE(refused.shows("node 0 (stopped)"));
    EXPECT_TRUE(refused.shows("--force"));
    EXPECT_EQ(refused.exit_code(), 69);
    EXPECT_EQ(bed.set("k", "v"), std::nullopt);
    OnTerminal forced(bed, {"cluster", "stop", "1", "--force"}, false);
    EXPECT_TRUE(forced.shows("warning: without node 1 only 1 of 3"));
    EXPECT_EQ(forced.exit_code(), 0);
    EXPECT_TRUE(comes_true([&] { return bed.cluster({"status"}).exit == 69; }));
    ok({"stop", "2"});  // there is nothing to lose any more
}

TEST_F(NodeCommands, AScriptIsWarnedOfAStopThatCostsTheQuorumAndObeyed) {
    EXPECT_FALSE(ok({"stop", "0"}).says("warning"));
    bed.leader();
    EXPECT_TRUE(ok({"stop", "1"}).says("warning: without node 1 only 1 of 3"));
    EXPECT_TRUE(comes_true([&] { return bed.cluster({"status"}).exit == 69; }));
}

TEST_F(NodeCommands, StatusKnowsTheNewLeaderAsSoonAsATransferIsDone) {
    for (int round = 0; round < 6; ++round) {
        const std::string next = std::to_string((bed.leader() + 1) % 3);
        ASSERT_EQ(bed.cluster({"transfer", next}).exit, 0);
        const auto view = bed.status();
        ASSERT_TRUE(view.leader.has_value());
        EXPECT_EQ(std::to_string(view.leader->value()), next);
    }
}

// The clients' port, and with it that of HTTP, changes under a cluster that runs.
TEST_F(NodeCommands, ARestartTakesAnotherPortOfConfigJson) {
    ASSERT_EQ(bed.set("k", "v"), std::nullopt);
    const std::uint32_t node = (bed.leader() + 1) % 3;
    const auto file = bed.folder() / "config.json";
    auto config = nlohmann::json::parse(Bed::read(file));
    for (auto& server : config["Servers"]) {
        if (server["Id"] != node) continue;
        server["ClientPort"] = bed.spare_port(0, 0);
        server["AdminPort"] = bed.spare_port(0, 2);
    }
    std::ofstream(file) << config.dump();
    const Outcome restart = bed.cluster({"restart", "all"}, std::chrono::seconds(30));
    EXPECT_EQ(restart.exit, 0) << restart.said;
    bed.expect_node(node, answers, "answering");
    EXPECT_EQ(bed.get("k"), "v");
}

TEST_F(NodeCommands, RestartStartsANodeThatIsDown) {
    ok({"stop", "0"});
    ok({"restart", "0"});
    bed.expect_node(0, answers, "answering");
}

TEST_F(NodeCommands, WhatMakesNoSenseIsRefused) {
    ok({"stop", "0"});
    EXPECT_EQ(bed.cluster({"kill", "0"}).exit, 1);
    EXPECT_EQ(bed.cluster({"pause", "0"}).exit, 1);
    EXPECT_EQ(bed.cluster({"resume", "0"}).exit, 1);
    EXPECT_EQ(bed.cluster({"kill", "9"}).exit, 64);
    EXPECT_EQ(bed.cluster({"kill", "somebody"}).exit, 64);
    EXPECT_EQ(bed.cluster({"kill"}).exit, 64);
    EXPECT_EQ(bed.cluster({"stop", "all"}).exit, 64);
    EXPECT_EQ(bed.cluster({"explode", "1"}).exit, 64);
}

TEST_F(NodeCommands, WithoutALeaderKillLeaderSaysSo) {
    ok({"stop", "0"});
    ok({"stop", "1", "--force"});
    // The one that is left may have become the leader just before; it takes an election timeout to
    // notice that it is alone, and then asks in vain.
    bed.expect_node(
        2, [](const NodeView& node) { return node.role == cli::NodeRole::pre_candidate; },
        "without anybody to lead");
    Outcome kill = bed.cluster({"kill", "leader"});
    EXPECT_EQ(kill.exit, 69);
    EXPECT_TRUE(kill.says("no leader")) << kill.said;
}

// Everything at once against one node: in the end it runs, once.
TEST_F(NodeCommands, AStormOfCommandsLeavesOneProcess) {
    std::vector<std::thread> users;
    for (std::uint32_t user = 0; user < 4; ++user) {
        users.emplace_back([this, user] {
            using enum cli::NodeCommand;
            const cli::NodeCommand commands[] = {kill, start, stop, pause, resume, restart};
            for (std::uint32_t step = 0; step < 30; ++step) {
                auto client = cli::ControlClient::connect(bed.paths().socket());
                ASSERT_TRUE(client.ok()) << client.error().message;
                cli::ControlRequest request{cli::ControlVerb::node,
                                            commands[(step * 7 + user * 5) % 6],
                                            {cli::ControlTarget::Kind::one, NodeId(1)},
                                            true};
                ASSERT_TRUE(client->send(request).ok());
                // Half of the users do not wait for what comes of it.
                if (user % 2) (void)client->next(std::chrono::seconds(30)).ok();
            }
        });
    }
    for (std::thread& user : users) user.join();
    EXPECT_TRUE(comes_true([&] { return bed.cluster({"start", "1"}).exit == 0; }));
    EXPECT_TRUE(comes_true([&] {
        bed.cluster({"resume", "1"});
        bed.cluster({"start", "1"});
        return answers(bed.node(1));
    }));
    EXPECT_EQ(bed.set("k", "v"), std::nullopt);
    // What the supervisor says it started and what it saw end differ by the three that run.
    std::string log = Bed::read(bed.paths().log());
    auto count = [&](std::string_view what) {
        int found = 0;
        for (std::size_t at = log.find(what); at != std::string::npos;
             at = log.find(what, at + 1)) {
            ++found;
        }
        return found;
    };
    EXPECT_EQ(count("node 1 started") - count("node 1 ended") - count("node 1 died"), 1);
}

TEST(NodeCommandsAlone, NeedASupervisor) {
    Bed bed(3);
    for (const char* command : {"kill", "stop", "start", "restart", "pause", "resume"}) {
        Outcome outcome = bed.cluster({command, "0"});
        EXPECT_EQ(outcome.exit, 69) << command;
        EXPECT_TRUE(outcome.says("raftkv cluster up")) << outcome.said;
    }
}

}  // namespace
}  // namespace raftkv::system_test
