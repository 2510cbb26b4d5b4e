#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "cli/cluster/process_identity.hpp"
#include "tests/system/cluster/bed.hpp"

namespace raftkv::system_test {
namespace {

using namespace std::chrono_literals;

std::vector<cli::ProcessIdentity> node_processes(Bed& bed) {
    std::vector<cli::ProcessIdentity> processes;
    for (const cli::NodeView& node : bed.status().nodes) {
        if (auto identity = cli::identify(node.pid.value_or(0))) processes.push_back(*identity);
    }
    return processes;
}

TEST(SupervisorKilled, LeavesNoNodeAndTheNextOneHasAllData) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("k", "v"), std::nullopt);
    // A paused node could not be told to end.
    ASSERT_EQ(bed.cluster({"pause", "2"}).exit, 0);
    auto nodes = node_processes(bed);
    ASSERT_EQ(nodes.size(), 3u);
    ASSERT_EQ(::kill(bed.supervisor_pid(), SIGKILL), 0);
    // At once, while the nodes may still be dying.
    bed.up();
    EXPECT_EQ(bed.get("k"), "v");
    for (const auto& node : nodes) EXPECT_FALSE(cli::is_alive(node));
}

TEST(SupervisorKilled, CommandsSayThatNoneRuns) {
    Bed bed(1);
    bed.up();
    ASSERT_EQ(::kill(bed.supervisor_pid(), SIGKILL), 0);
    ASSERT_TRUE(comes_true([&] { return bed.supervisor_pid() == 0; }));
    EXPECT_EQ(bed.cluster({"kill", "0"}).exit, 69);
    EXPECT_EQ(bed.cluster({"down"}).exit, 0);
}

class NodeByHand : public testing::Test {
  protected:
    void SetUp() override {
        cli::ChildSpec spec;
        spec.program = RAFTKV_BINARY;
        spec.arguments = {"node", "1", "--config", (bed.folder() / "config.json").string()};
        spec.output_file = bed.folder() / "by-hand.log";
        auto started = cli::ChildProcess::start(spec);
        ASSERT_TRUE(started.ok());
        node.emplace(std::move(*started));
        ASSERT_TRUE(comes_true([&] { return bed.cluster({"status"}).says("follower"); }));
    }

    Bed bed{3};
    std::optional<cli::ChildProcess> node;
};

TEST_F(NodeByHand, WhichAnEarlierSupervisorHadNotedIsReplaced) {
    std::ofstream(bed.paths().node_pid(NodeId(1))) << cli::to_text(*cli::identify(node->pid()));
    bed.up();
    EXPECT_FALSE(node->running());
    EXPECT_NE(Bed::read(bed.paths().log()).find("which an earlier supervisor left"),
              std::string::npos);
}

TEST_F(NodeByHand, WhichNobodyNotedIsNotTouched) {
    Outcome up = bed.cluster({"up"});
    EXPECT_EQ(up.exit, 64);
    EXPECT_TRUE(up.says("pid " + std::to_string(node->pid()))) << up.said;
    EXPECT_TRUE(node->running());
    EXPECT_EQ(bed.cluster({"down"}).exit, 0);
    EXPECT_TRUE(node->running());
}

TEST_F(NodeByHand, StatusShowsItWithoutASupervisor) {
    Outcome status = bed.cluster({"status"});
    EXPECT_TRUE(status.says("no supervisor")) << status.said;
    EXPECT_EQ(bed.node(1).pid, node->pid());
}

TEST(SupervisorInTheForeground, SaysWhatHappensALineEach) {
    Bed bed(3);
    cli::ChildProcess up = bed.start({"up"});
    EXPECT_TRUE(comes_true([&] { return bed.output().find(" leads, term ") != std::string::npos; }))
        << bed.output();
    up.signal(SIGINT);
    auto end = up.wait_for(20s);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, 0) << bed.output();
    EXPECT_NE(bed.output().find("the cluster has stopped"), std::string::npos) << bed.output();
    EXPECT_EQ(bed.output().find('\x1b'), std::string::npos);
    EXPECT_EQ(bed.output(), Bed::read(bed.paths().log())) << "and the same in its log";
}

TEST(SupervisorInTheForeground, ASecondSignalDoesNotWait) {
    Bed bed(3);
    bed.whim(0, "deaf");
    cli::ChildProcess up = bed.start({"up"});
    EXPECT_TRUE(
        comes_true([&] { return bed.output().find(" leads, term ") != std::string::npos; }));
    auto nodes = node_processes(bed);
    EXPECT_EQ(nodes.size(), 3u);
    up.signal(SIGINT);
    EXPECT_TRUE(comes_true([&] { return bed.output().find("stopping") != std::string::npos; }));
    auto asked = std::chrono::steady_clock::now();
    up.signal(SIGINT);
    auto end = up.wait_for(20s);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, 130) << bed.output();
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 3s) << "the grace is 5 s";
    for (const auto& node : nodes) EXPECT_FALSE(cli::is_alive(node));
}

TEST(SupervisorInTheForeground, SigtermStopsItToo) {
    Bed bed(1);
    cli::ChildProcess up = bed.start({"up"});
    EXPECT_TRUE(
        comes_true([&] { return bed.output().find(" leads, term ") != std::string::npos; }));
    up.signal(SIGTERM);
    auto end = up.wait_for(20s);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, 0);
}

}  // namespace
}  // namespace raftkv::system_test
