#include "cli/test/local_cluster.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "cli/test/interrupt.hpp"
#include "cli/test/work_folder.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(PortBlock, IsOutOfTheRangeThatTheKernelHandsOut) {
    std::uint32_t first_ephemeral = 0;
    std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first_ephemeral;
    for (std::uint64_t random : {0ull, 1ull, 12345678901234ull}) {
        const auto block = PortBlock::reserve(random);
        ASSERT_TRUE(block.ok());
        EXPECT_GE(block->port(0), 12'288);
        EXPECT_LT(block->port(PortBlock::size - 2), first_ephemeral);
    }
}

TEST(PortBlock, IsNeverSharedWhileItIsHeld) {
    const auto first = PortBlock::reserve(7);
    const auto second = PortBlock::reserve(7);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_GE(second->port(0) - first->port(0), PortBlock::size);
}

TEST(PortBlock, CanBeHadAgainOnceItIsGivenBack) {
    std::uint16_t port = 0;
    {
        const auto first = PortBlock::reserve(9);
        ASSERT_TRUE(first.ok());
        port = first->port(0);
    }
    const auto second = PortBlock::reserve(9);
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(second->port(0), port);
}

TEST(WorkFolder, IsGoneAfterwardsWithAllThatIsInIt) {
    std::filesystem::path path;
    {
        auto folder = WorkFolder::create();
        ASSERT_TRUE(folder.ok());
        path = folder->path();
        std::filesystem::create_directories(path / "a" / "b");
        std::ofstream(path / "a" / "file") << "text";
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(WorkFolder, StaysWhenItIsKept) {
    std::filesystem::path path;
    {
        auto folder = WorkFolder::create();
        ASSERT_TRUE(folder.ok());
        path = folder->path();
        folder->keep();
    }
    EXPECT_TRUE(std::filesystem::exists(path));
    std::filesystem::remove_all(path);
}

TEST(Interrupt, EndsAPauseAtOnceAndForGood) {
    Interrupt interrupt;
    EXPECT_TRUE(interrupt.pause_for(milliseconds(1)).ok());
    EXPECT_FALSE(interrupt.requested());
    raise(SIGINT);
    EXPECT_TRUE(interrupt.requested());
    const auto began = steady_clock::now();
    for (int i = 0; i < 2; ++i) {
        const auto paused = interrupt.pause_for(std::chrono::minutes(10));
        ASSERT_FALSE(paused.ok());
        EXPECT_EQ(paused.error().kind, ErrorKind::interrupted);
    }
    EXPECT_LT(steady_clock::now() - began, std::chrono::minutes(1));
}

TEST(Interrupt, EndsTheProcessWhenItComesTwice) {
    EXPECT_EXIT(
        {
            Interrupt interrupt;
            raise(SIGTERM);
            raise(SIGINT);
        },
        testing::ExitedWithCode(130), "");
}

// A cluster of shell scripts.
class Cluster : public testing::Test {
  protected:
    void SetUp() override {
        auto made = WorkFolder::create();
        ASSERT_TRUE(made.ok());
        folder_.emplace(std::move(made).value());
    }

    LocalCluster cluster_running(const std::string& script) {
        const auto program = folder_->path() / "program";
        std::ofstream(program) << "#!/bin/sh\n" << script << "\n";
        chmod(program.c_str(), 0755);
        auto cluster = LocalCluster::create({folder_->path(), program, 3, 1});
        EXPECT_TRUE(cluster.ok());
        return std::move(cluster).value();
    }

    std::string wait_for_death(LocalCluster& cluster) {
        const auto deadline = steady_clock::now() + std::chrono::seconds(20);
        while (steady_clock::now() < deadline) {
            if (auto alive = cluster.check_alive(); !alive) return alive.error().message;
            std::this_thread::yield();
        }
        return "nobody died";
    }

    std::optional<WorkFolder> folder_;
};

TEST_F(Cluster, HasAConfigurationWithDistinctPorts) {
    LocalCluster cluster = cluster_running("exec sleep 600");
    std::set<std::uint16_t> ports;
    for (const ServerConfig& server : cluster.config().servers) {
        ports.insert({server.client_port, server.log_port, server.admin_port});
    }
    EXPECT_EQ(ports.size(), 9u);
    EXPECT_EQ(cluster.config().data_path, folder_->path() / "data");
}

TEST_F(Cluster, KnowsWhoRuns) {
    LocalCluster cluster = cluster_running("exec sleep 600");
    ASSERT_TRUE(cluster.start(NodeId(0)).ok());
    ASSERT_TRUE(cluster.start(NodeId(2)).ok());
    EXPECT_EQ(cluster.running(), (std::vector{NodeId(0), NodeId(2)}));
    EXPECT_TRUE(cluster.check_alive().ok());
    cluster.pause(NodeId(2));
    EXPECT_TRUE(cluster.is_paused(NodeId(2)));
    cluster.resume(NodeId(2));
    EXPECT_FALSE(cluster.is_paused(NodeId(2)));
    cluster.kill(NodeId(0));
    EXPECT_EQ(cluster.running(), std::vector{NodeId(2)});
    EXPECT_TRUE(cluster.check_alive().ok()) << "a node that was killed is no surprise";
    cluster.kill_all();
    EXPECT_TRUE(cluster.running().empty());
}

TEST_F(Cluster, TellsHowANodeEndedByItselfAndItsLastWords) {
    LocalCluster cluster = cluster_running("echo first; echo 'disk on fire' >&2; exit 74");
    ASSERT_TRUE(cluster.start(NodeId(1)).ok());
    EXPECT_EQ(wait_for_death(cluster),
              "node 1 ended by itself with exit code 74; its last words: disk on fire");
}

TEST_F(Cluster, TakesAnEndThatIsExpectedForNoFailureOnce) {
    LocalCluster cluster = cluster_running("exit 64");
    cluster.expect_end(NodeId(1), 64);
    cluster.expect_end(NodeId(0), 69);
    ASSERT_TRUE(cluster.start(NodeId(1)).ok());
    const auto deadline = steady_clock::now() + std::chrono::seconds(20);
    while (cluster.is_running(NodeId(1)) && steady_clock::now() < deadline)
        ASSERT_TRUE(cluster.check_alive().ok());
    EXPECT_EQ(cluster.take_ended(), (std::set{std::pair{NodeId(1), 64}}));
    EXPECT_TRUE(cluster.take_ended().empty());
    ASSERT_TRUE(cluster.start(NodeId(1)).ok());
    EXPECT_EQ(wait_for_death(cluster), "node 1 ended by itself with exit code 64; its last words: ")
        << "once is not always";
    LocalCluster other = cluster_running("exit 64");
    other.expect_end(NodeId(1), 69);
    ASSERT_TRUE(other.start(NodeId(1)).ok());
    EXPECT_NE(wait_for_death(other), "nobody died") << "another end than that";
}

TEST_F(Cluster, TellsANodeThatJoinsWhomToAskUntilItsDiskIsWiped) {
    LocalCluster cluster =
        cluster_running("[ \"$2\" = 0 ] && exec sleep 600; echo \"$5 $6\"; exit 1");
    ASSERT_TRUE(cluster.start(NodeId(0)).ok());
    ASSERT_TRUE(cluster.start(NodeId(1), true).ok());
    const std::string asked =
        "--join 127.0.0.1:" + std::to_string(cluster.config().find(NodeId(0))->admin_port);
    EXPECT_NE(wait_for_death(cluster).find(asked), std::string::npos);
    cluster.kill(NodeId(1));
    ASSERT_TRUE(cluster.start(NodeId(1)).ok());
    EXPECT_NE(wait_for_death(cluster).find(asked), std::string::npos) << "also when started again";
    cluster.kill(NodeId(1));
    ASSERT_TRUE(cluster.wipe(NodeId(1)).ok());
    ASSERT_TRUE(cluster.start(NodeId(1)).ok());
    EXPECT_EQ(wait_for_death(cluster).find("--join"), std::string::npos);
}

TEST_F(Cluster, GivesEachNodeItsIdAndTheConfiguration) {
    LocalCluster cluster = cluster_running("echo \"$@\"; exit 1");
    ASSERT_TRUE(cluster.start(NodeId(1)).ok());
    EXPECT_EQ(wait_for_death(cluster),
              "node 1 ended by itself with exit code 1; its last words: node 1 --config " +
                  (folder_->path() / "config.json").string());
}

}  // namespace
}  // namespace raftkv::test
