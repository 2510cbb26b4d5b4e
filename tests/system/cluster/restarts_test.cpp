#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <string>

#include "tests/system/cluster/bed.hpp"

namespace raftkv::system_test {
namespace {

using cli::NodeState;
using cli::NodeView;

int count(const std::string& text, std::string_view what) {
    int found = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++found;
    }
    return found;
}

TEST(Restarts, ANodeThatSomebodyKillsComesBackByItself) {
    Bed bed(3);
    bed.up();
    int pid = *bed.node(1).pid;
    ASSERT_EQ(::kill(pid, SIGKILL), 0);
    bed.expect_node(
        1, [pid](const NodeView& node) { return node.role && node.pid != pid; }, "back");
    EXPECT_EQ(bed.node(1).restarts, 1u);
    EXPECT_NE(Bed::read(bed.paths().log()).find("node 1 died: signal 9 (SIGKILL)"),
              std::string::npos);
}

// One after the other is given leases, and then none again: on the way they differ, which is told,
// and no harm.
TEST(Restarts, ReadModesMayBeChangedOneNodeAfterTheOther) {
    Bed bed(3);
    bed.up();
    ASSERT_EQ(bed.set("key", "value"), std::nullopt);
    const std::string without = Bed::read(bed.folder() / "config.json");
    std::string with_leases = without;
    with_leases.insert(1, R"("ReadMode": "lease", )");
    std::ofstream(bed.folder() / "config.json") << with_leases;
    const std::uint32_t first = (bed.leader() + 1) % 3;
    ASSERT_EQ(bed.cluster({"restart", std::to_string(first)}).exit, 0);
    const std::string warning = "ReadMode should be the same everywhere; it is \"lease\" on node " +
                                std::to_string(first) + ", and \"read-index\" on node";
    EXPECT_TRUE(comes_true([&] { return bed.cluster({"status"}).says(warning); }));
    EXPECT_TRUE(bed.client({"status"}).says(warning));
    ASSERT_EQ(bed.cluster({"transfer", std::to_string(first)}).exit, 0);
    EXPECT_EQ(bed.get("key"), "value") << "of a leader that nobody promises anything";
    ASSERT_EQ(bed.cluster({"restart", "all"}).exit, 0);
    EXPECT_TRUE(comes_true([&] { return !bed.cluster({"status"}).says("ReadMode"); }));
    EXPECT_EQ(bed.get("key"), "value");

    std::ofstream(bed.folder() / "config.json") << without;
    ASSERT_EQ(bed.cluster({"restart", std::to_string(first)}).exit, 0);
    EXPECT_NE(Bed::read(bed.paths().node_log(NodeId(first))).find("waits 150 ms: so long a leader"),
              std::string::npos);
    EXPECT_EQ(bed.get("key"), "value");
}

TEST(Restarts, ACrashLoopIsGivenUpLoudlyAndAStartForgives) {
    Bed bed(3);
    bed.whim(1, "1");
    bed.up();
    bed.expect_node(
        1, [](const NodeView& node) { return node.state == NodeState::given_up; }, "given up");
    std::string log = Bed::read(bed.paths().log());
    EXPECT_EQ(count(log, "node 1 started"), 5) << log;
    EXPECT_NE(log.find("IS GIVEN UP"), std::string::npos) << log;
    EXPECT_NE(bed.node(1).note.find("5 times within 60 s"), std::string::npos);
    EXPECT_NE(bed.node(1).note.find("on a whim"), std::string::npos) << "why, in its own words";
    EXPECT_EQ(bed.set("k", "v"), std::nullopt) << "the others are a quorum";

    Outcome again = bed.cluster({"start", "1"});
    EXPECT_EQ(again.exit, 1) << "it dies at once";
    EXPECT_TRUE(again.says("on a whim")) << again.said;
    bed.whim(1, "");
    Outcome start = bed.cluster({"restart", "1"});
    EXPECT_EQ(start.exit, 0) << start.said;
    bed.expect_node(
        1, [](const NodeView& node) { return node.role.has_value(); }, "answering");
}

TEST(Restarts, WrongConfigurationAndCorruptDataAreNotRetried) {
    Bed bed(3);
    bed.up();
    for (const char* code : {"64", "65"}) {
        bed.whim(2, code);
        EXPECT_EQ(bed.cluster({"restart", "2"}).exit, 1);
        EXPECT_EQ(bed.node(2).state, NodeState::given_up);
        bed.whim(2, "");
        EXPECT_EQ(bed.cluster({"start", "2"}).exit, 0);
    }
    std::string log = Bed::read(bed.paths().log());
    EXPECT_EQ(count(log, "node 2 started"), 5)
        << log;  // up, and for each code a bad and a good one
}

TEST(Restarts, AnIoErrorIsRetried) {
    Bed bed(3);
    bed.whim(2, "74");
    bed.up();
    EXPECT_TRUE(
        comes_true([&] { return count(Bed::read(bed.paths().log()), "node 2 started") >= 2; }));
    bed.whim(2, "");
    bed.expect_node(
        2, [](const NodeView& node) { return node.role.has_value(); }, "answering");
}

TEST(Restarts, AStopCancelsTheRestartThatIsDue) {
    Bed bed(3);
    bed.whim(0, "1");
    bed.up();
    EXPECT_TRUE(comes_true([&] {
        bed.cluster({"stop", "0"});
        return bed.node(0).state == NodeState::stopped;
    }));
    int starts = count(Bed::read(bed.paths().log()), "node 0 started");
    bed.whim(0, "");
    // Long after the restart would have come, and answered by the same supervisor.
    EXPECT_FALSE(comes_true([&] { return bed.node(0).state != NodeState::stopped; },
                            std::chrono::seconds(2)));
    EXPECT_EQ(count(Bed::read(bed.paths().log()), "node 0 started"), starts);
}

TEST(Restarts, ANodeThatIgnoresSigtermIsKilledAfterAGrace) {
    Bed bed(3);
    bed.whim(0, "deaf");
    bed.up();
    Outcome stop = bed.cluster({"stop", "0"});
    EXPECT_EQ(stop.exit, 0) << stop.said;
    EXPECT_TRUE(stop.says("still waiting")) << "progress: " << stop.said;
    EXPECT_NE(Bed::read(bed.paths().log()).find("node 0 ended: signal 9 (SIGKILL)"),
              std::string::npos);
}

}  // namespace
}  // namespace raftkv::system_test
