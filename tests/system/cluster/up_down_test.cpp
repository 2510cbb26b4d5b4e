#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/system/cluster/bed.hpp"

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;

TEST(Up, DetachedAndWaitedForItServesAtOnce) {
    Bed bed(3);
    Outcome up = bed.cluster({"up", "--detach", "--wait"});
    ASSERT_EQ(up.exit, 0) << up.said;
    EXPECT_TRUE(up.says("is ready")) << up.said;
    cli::ClusterView view = bed.status();
    EXPECT_TRUE(view.leader) << "what serves has a leader, and the supervisor knows it";
    EXPECT_EQ(view.supervisor_pid, bed.supervisor_pid());
    EXPECT_EQ(bed.set("k", "v"), std::nullopt);
    EXPECT_EQ(bed.get("k"), "v");
    ASSERT_EQ(view.nodes.size(), 3u);
    for (const cli::NodeView& node : view.nodes) {
        EXPECT_EQ(node.state, cli::NodeState::running);
        EXPECT_TRUE(node.pid);
    }
}

TEST(Up, DetachedWithoutWaitingReturnsOnceTheSupervisorIsInCharge) {
    Bed bed(3);
    Outcome up = bed.cluster({"up", "--detach"});
    ASSERT_EQ(up.exit, 0) << up.said;
    EXPECT_NE(bed.supervisor_pid(), 0);
    EXPECT_EQ(bed.status().nodes.size(), 3u);
    bed.leader();
}

TEST(Up, ASecondOneFailsWithThePidOfTheFirst) {
    Bed bed(3);
    bed.up();
    std::string pid = "pid " + std::to_string(bed.supervisor_pid());
    for (const Words& words : {Words{"up"}, Words{"up", "--detach", "--wait"}}) {
        Outcome second = bed.cluster(words);
        EXPECT_EQ(second.exit, 1);
        EXPECT_TRUE(second.says(pid)) << second.said;
    }
    EXPECT_EQ(bed.set("k", "v"), std::nullopt) << "the first is not disturbed";
}

TEST(Up, WithoutAConfigurationBothWaysToGetOneAreNamed) {
    Bed bed(3);
    fs::remove(bed.folder() / "config.json");
    Outcome up = bed.cluster({"up"});
    EXPECT_EQ(up.exit, 64);
    EXPECT_TRUE(up.says("--nodes")) << up.said;
    EXPECT_TRUE(up.says("config.json")) << up.said;
}

TEST(Up, AConfigurationThatIsThereIsNotReplaced) {
    Bed bed(3);
    std::string before = Bed::read(bed.folder() / "config.json");
    Outcome up = bed.cluster({"up", "--nodes", "5"});
    EXPECT_EQ(up.exit, 64);
    EXPECT_TRUE(up.says("3 nodes")) << up.said;
    EXPECT_EQ(Bed::read(bed.folder() / "config.json"), before);
    EXPECT_EQ(bed.cluster({"up", "--nodes", "3", "--detach", "--wait"}).exit, 0);
}

TEST(Up, WrongArgumentsAreUsageErrors) {
    Bed bed(3);
    EXPECT_EQ(bed.cluster({"up", "--nodes", "0"}).exit, 64);
    EXPECT_EQ(bed.cluster({"up", "--nodes", "51"}).exit, 64);
    EXPECT_EQ(bed.cluster({"up", "--wait"}).exit, 64) << "to wait is for the background";
    EXPECT_EQ(bed.cluster({"up", "--config", "none.json"}).exit, 64);
    std::ofstream(bed.folder() / "bad.json") << "{";
    EXPECT_EQ(bed.cluster({"up", "--config", "bad.json"}).exit, 64);
}

TEST(Up, APortInUseIsNamedWithItsHolderBeforeAnythingIsStarted) {
    Bed bed(3);
    Bed other(1);
    other.up();
    std::string taken = std::to_string(other.config().servers[0].client_port);
    std::string holder = "pid " + std::to_string(*other.node(0).pid);
    std::string config = Bed::read(bed.folder() / "config.json");
    std::string own = std::to_string(bed.config().servers[1].client_port);
    config.replace(config.find(own), own.size(), taken);
    std::ofstream(bed.folder() / "config.json") << config;
    for (const Words& words : {Words{"up"}, Words{"up", "--detach", "--wait"}}) {
        Outcome up = bed.cluster(words);
        EXPECT_EQ(up.exit, 64);
        EXPECT_TRUE(up.says("node 1") && up.says(taken) && up.says(holder)) << up.said;
    }
    EXPECT_FALSE(fs::exists(bed.folder() / "data" / "node-0")) << "no node was started";
}

TEST(Up, ADataFolderThatCannotBeMadeIsAnIoError) {
    Bed bed(3);
    std::ofstream(bed.folder() / "data") << "a file is in the way";
    Outcome up = bed.cluster({"up"});
    EXPECT_EQ(up.exit, 74);
    EXPECT_TRUE(up.says((bed.folder() / "data").string())) << up.said;
}

TEST(Up, NodesThatAllRefuseEndItWithTheirExitCode) {
    for (const Words& words : {Words{"up"}, Words{"up", "--detach", "--wait"}}) {
        Bed bed(3);
        for (std::uint32_t id = 0; id < 3; ++id) bed.whim(id, "65");
        Outcome up = bed.cluster(words);
        EXPECT_EQ(up.exit, 65) << up.said;
        EXPECT_TRUE(up.says("a restart would not help")) << up.said;
        EXPECT_TRUE(up.says("on a whim")) << "the node's own words: " << up.said;
        EXPECT_EQ(bed.supervisor_pid(), 0);
    }
}

TEST(Up, WaitingForAQuorumThatNeverComesSaysWhy) {
    Bed bed(3);
    bed.whim(0, "65");
    bed.whim(1, "65");
    Outcome up = bed.cluster({"up", "--detach", "--wait", "--timeout", "2"});
    EXPECT_EQ(up.exit, 69);
    EXPECT_TRUE(up.says("node 0 given-up (exit code 65")) << up.said;
    EXPECT_NE(bed.supervisor_pid(), 0) << "it goes on, as it said";
}

TEST(Up, WorksInAFolderTooDeepForASocket) {
    Bed bed(1, fs::path(std::string(100, 'd')) / std::string(100, 'e'));
    bed.up();
    EXPECT_EQ(bed.set("k", "v"), std::nullopt);
}

TEST(Up, OnlyTheUserMayControlIt) {
    Bed bed(1);
    bed.up();
    struct stat info {};
    ASSERT_EQ(::stat(bed.paths().socket().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST(Down, StopsTheLeaderLastAndKeepsTheData) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("k", "v"), std::nullopt);
    std::uint32_t leader = bed.leader();
    Outcome down = bed.cluster({"down"});
    EXPECT_EQ(down.exit, 0) << down.said;
    EXPECT_EQ(bed.supervisor_pid(), 0);
    EXPECT_FALSE(fs::exists(bed.paths().socket()));
    std::string log = Bed::read(bed.paths().log());
    std::string last = "node " + std::to_string(leader) + " ended: exit code 0";
    EXPECT_GT(log.rfind(last), log.rfind("node " + std::to_string((leader + 1) % 3) + " ended"));
    EXPECT_GT(log.rfind(last), log.rfind("node " + std::to_string((leader + 2) % 3) + " ended"));
    bed.up();
    EXPECT_EQ(bed.get("k"), "v");
}

TEST(Down, WakesPausedNodesToStopThem) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.cluster({"pause", "leader"}).exit, 0);
    EXPECT_EQ(bed.cluster({"down"}).exit, 0);
    EXPECT_EQ(Bed::read(bed.paths().log()).find("SIGKILL"), std::string::npos);
}

TEST(Down, WipeRemovesWhatTheClusterMadeAndNothingElse) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("k", "v"), std::nullopt);
    std::ofstream(bed.folder() / "data" / "notes.txt") << "mine";
    Outcome down = bed.cluster({"down", "--wipe"});
    EXPECT_EQ(down.exit, 0) << down.said;
    std::vector<std::string> left;
    for (const auto& entry : fs::directory_iterator(bed.folder() / "data")) {
        left.push_back(entry.path().filename().string());
    }
    EXPECT_EQ(left, std::vector<std::string>{"notes.txt"});
    fs::remove(bed.folder() / "data" / "notes.txt");
    bed.up();
    EXPECT_EQ(bed.get("k"), std::nullopt) << "a new cluster";
    EXPECT_EQ(bed.cluster({"down", "--wipe"}).exit, 0);
    EXPECT_FALSE(fs::exists(bed.folder() / "data")) << "an empty folder goes, too";
}

TEST(Down, WithNothingRunningIsNoError) {
    Bed bed(3);
    EXPECT_EQ(bed.cluster({"down"}).exit, 0);
    bed.up();
    EXPECT_EQ(bed.cluster({"down"}).exit, 0);
    EXPECT_EQ(bed.cluster({"down"}).exit, 0);
    EXPECT_EQ(bed.cluster({"down", "--wipe"}).exit, 0);
    EXPECT_FALSE(fs::exists(bed.folder() / "data"));
}

TEST(Down, DoesNotWipeUnderANodeThatSomebodyRunsByHand) {
    Bed bed(1);
    bed.up();
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
    cli::ChildSpec spec;
    spec.program = RAFTKV_BINARY;
    spec.arguments = {"node", "0", "--config", (bed.folder() / "config.json").string()};
    spec.output_file = bed.folder() / "by-hand.log";
    auto by_hand = cli::ChildProcess::start(spec);
    ASSERT_TRUE(by_hand.ok());
    ASSERT_TRUE(comes_true([&] { return bed.cluster({"status"}).exit == 0; }));
    Outcome down = bed.cluster({"down", "--wipe"});
    EXPECT_EQ(down.exit, 1);
    EXPECT_TRUE(down.says("in use")) << down.said;
    EXPECT_TRUE(by_hand->running());
    EXPECT_TRUE(fs::exists(bed.folder() / "data" / "node-0"));
}

TEST(Status, ShowsATableAndJson) {
    Bed bed(3);
    bed.up();
    Outcome table = bed.cluster({"status"});
    EXPECT_EQ(table.exit, 0);
    EXPECT_TRUE(table.says("NODE  ROLE")) << table.said;
    EXPECT_TRUE(table.says("leader")) << table.said;
    EXPECT_EQ(table.said.find('\x1b'), std::string::npos) << "no colors into a file";
    std::uint32_t leader = bed.leader();
    EXPECT_EQ(bed.node(leader).role, cli::NodeRole::leader);
    // It may have been asked before it heard of the leader.
    bed.expect_node((leader + 1) % 3,
                    [&](const auto& node) { return node.leader == NodeId(leader); }, "following");
}

TEST(Status, WithoutAClusterIsUnavailable) {
    Bed bed(3);
    Outcome status = bed.cluster({"status"});
    EXPECT_EQ(status.exit, 69);
    EXPECT_TRUE(status.says("raftkv cluster up")) << status.said;
}

TEST(Status, WatchGoesOnUntilItIsInterrupted) {
    Bed bed(1);
    bed.up();
    cli::ChildProcess watch = bed.start({"status", "--watch", "--json"});
    auto lines = [&] {
        std::string out = bed.output();
        return std::count(out.begin(), out.end(), '\n');
    };
    EXPECT_TRUE(comes_true([&] { return lines() >= 3; }));
    watch.signal(SIGINT);
    auto end = watch.wait_for(std::chrono::seconds(10));
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, 130);
}

TEST(Logs, OfOneNodeOfAllAndOfTheSupervisor) {
    Bed bed(3);
    bed.up();
    Outcome one = bed.cluster({"logs", "1"});
    EXPECT_EQ(one.exit, 0);
    EXPECT_TRUE(one.says("node 1")) << one.said;
    Outcome all = bed.cluster({"logs", "-n", "1000"});
    for (const char* label : {"0 | ", "1 | ", "2 | "}) EXPECT_TRUE(all.says(label)) << all.said;
    Outcome two = bed.cluster({"logs", "-n", "2"});
    EXPECT_EQ(std::count(two.said.begin(), two.said.end(), '\n'), 2) << two.said;
    EXPECT_TRUE(bed.cluster({"logs", "supervisor"}).says("node 2 started"));
}

TEST(Logs, FollowShowsWhatComes) {
    Bed bed(3);
    bed.up();
    cli::ChildProcess follow = bed.start({"logs", "-f", "-n", "0", "supervisor"});
    // A line that comes before it follows is lost on it, so more are made until one is seen.
    EXPECT_TRUE(comes_true([&] {
        bed.cluster({"pause", "1"});
        bed.cluster({"resume", "1"});
        return bed.output().find("node 1 is paused") != std::string::npos;
    }));
}

TEST(Logs, WhatIsNotThereIsSaid) {
    Bed bed(3);
    Outcome none = bed.cluster({"logs"});
    EXPECT_EQ(none.exit, 1);
    EXPECT_TRUE(none.says("there is no log yet")) << none.said;
    EXPECT_EQ(bed.cluster({"logs", "7"}).exit, 64);
}

}  // namespace
}  // namespace raftkv::system_test
