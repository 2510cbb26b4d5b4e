#include "cli/bench/node_watch.hpp"

#include <gtest/gtest.h>

namespace raftkv::bench {
namespace {

using std::chrono::seconds;

Look look_at(std::int64_t second, std::uint64_t cpu_us, std::uint64_t syncs,
             std::uint64_t entries) {
    Look look;
    look.at += seconds(second);
    look.status.cpu_us = cpu_us;
    look.status.counters.fsyncs = syncs;
    look.status.durable_index = LogIndex(entries);
    look.status.memory_bytes = 100 + cpu_us;
    look.status.role = cli::NodeRole::leader;
    return look;
}

TEST(NodeUse, IsWhatWasUsedBetweenTwoLooks) {
    const NodeUse use =
        use_between(look_at(10, 500'000, 100, 1'000), look_at(12, 1'500'000, 120, 1'400));
    EXPECT_TRUE(use.answered);
    EXPECT_TRUE(use.leads);
    EXPECT_DOUBLE_EQ(use.seconds, 2);
    EXPECT_DOUBLE_EQ(use.cpu_cores, 0.5);
    EXPECT_DOUBLE_EQ(use.syncs_per_second, 10);
    EXPECT_DOUBLE_EQ(use.entries_per_sync, 20);
    EXPECT_EQ(use.memory_bytes, 1'500'100u);
}

TEST(NodeUse, OfANodeThatWasStartedAgainIsNotNegative) {
    const NodeUse use = use_between(look_at(1, 500'000, 100, 1'000), look_at(2, 10, 3, 900));
    EXPECT_EQ(use.cpu_cores, 0);
    EXPECT_EQ(use.syncs_per_second, 0);
    EXPECT_EQ(use.entries_per_sync, 0);
}

TEST(NodeUse, OfALeaderThatDiedDoesNotLead) {
    std::vector<NodeUse> nodes(3);
    nodes[0].leads = nodes[2].leads = true;
    nodes[0].term = Term(4);
    nodes[1].term = nodes[2].term = Term(5);
    keep_latest_leader(nodes);
    EXPECT_FALSE(nodes[0].leads);
    EXPECT_FALSE(nodes[1].leads);
    EXPECT_TRUE(nodes[2].leads);
}

TEST(NodeWatch, OfNobodySaysThatNobodyAnswered) {
    ServerConfig node;
    node.host = node.admin_host = "127.0.0.1";
    node.client_port = 9;
    node.admin_port = 1;
    NodeWatch watch({node}, std::chrono::milliseconds(10));
    const auto now = std::chrono::steady_clock::now();
    const auto use = watch.use(now - seconds(1), now + seconds(1));
    ASSERT_EQ(use.size(), 1u);
    EXPECT_FALSE(use[0].answered);
    EXPECT_EQ(use[0].name, "127.0.0.1:9");
}

}  // namespace
}  // namespace raftkv::bench
