#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/fault/cluster_faults.hpp"

// What people say of a cluster, and what each node is told.

namespace raftkv::cli {
namespace {

ClusterConfig cluster_of(std::uint32_t nodes) {
    ClusterConfig config;
    for (std::uint32_t id = 0; id < nodes; ++id) {
        config.servers.emplace_back();
        config.servers.back().id = NodeId(id);
    }
    return config;
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words(1);
    for (char c : text) c == ' ' ? words.emplace_back() : words.back() += c;
    return words;
}

Result<FaultPlan> plan_of(const std::string& text, std::uint32_t nodes = 5) {
    auto leader = []() -> Result<NodeId> { return NodeId(3); };
    return plan_faults(words_of(text), cluster_of(nodes), leader);
}

// "0: cut to 2", sorted.
std::vector<std::string> lines_of(const std::string& text, std::uint32_t nodes = 5) {
    auto plan = plan_of(text, nodes);
    EXPECT_TRUE(plan.ok()) << text << ": " << (plan.ok() ? "" : plan.error().message);
    std::vector<std::string> lines;
    if (!plan) return lines;
    for (const NodeFault& each : *plan)
        lines.push_back(std::to_string(each.node.value()) + ": " + to_text(each.fault));
    std::sort(lines.begin(), lines.end());
    return lines;
}

using Lines = std::vector<std::string>;

TEST(FaultPlan, a_cut_is_told_to_both_ends) {
    EXPECT_EQ(lines_of("cut 0>2"), (Lines{"0: cut to 2", "2: cut from 0"}));
    EXPECT_EQ(lines_of("cut 0-2"),
              (Lines{"0: cut from 2", "0: cut to 2", "2: cut from 0", "2: cut to 0"}));
    EXPECT_EQ(lines_of("cut leader>1"), (Lines{"1: cut from 3", "3: cut to 1"}));
    auto plan = plan_of("cut 0-2");
    EXPECT_TRUE(std::all_of(plan->begin(), plan->end(), [](auto& each) { return each.has_twin; }));
}

TEST(FaultPlan, an_isolated_node_loses_all_its_links_and_no_others) {
    EXPECT_EQ(lines_of("isolate 1", 3), lines_of("partition 1/0,2", 3));
    EXPECT_EQ(lines_of("isolate leader"), lines_of("isolate 3"));
    EXPECT_EQ(lines_of("isolate 0", 2),
              (Lines{"0: cut from 1", "0: cut to 1", "1: cut from 0", "1: cut to 0"}));
    EXPECT_TRUE(lines_of("isolate 0", 1).empty());
}

TEST(FaultPlan, a_partition_cuts_every_link_between_its_groups) {
    EXPECT_EQ(lines_of("partition 0,1/2,3,4").size(), 2u * 3 * 4);
    EXPECT_EQ(lines_of("partition 0,1|2,3,4"), lines_of("partition 2,3,4/0,1"));
    EXPECT_EQ(lines_of("partition 0/1/2", 3).size(), 3u * 4);
}

TEST(FaultPlan, a_bridge_is_the_only_node_that_both_halves_hear) {
    EXPECT_EQ(lines_of("bridge 2"), [] {
        std::vector<std::string> lines;
        for (const NodeFault& each : partition({{NodeId(0), NodeId(1)}, {NodeId(3), NodeId(4)}}))
            lines.push_back(std::to_string(each.node.value()) + ": " + to_text(each.fault));
        std::sort(lines.begin(), lines.end());
        return lines;
    }());
    EXPECT_EQ(lines_of("bridge 0", 3),
              (Lines{"1: cut from 2", "1: cut to 2", "2: cut from 1", "2: cut to 1"}));
}

TEST(FaultPlan, what_slows_all_links_meets_each_direction_once) {
    EXPECT_EQ(lines_of("delay 80ms", 2), (Lines{"0: delay 80ms to all", "1: delay 80ms to all"}));
    EXPECT_EQ(lines_of("drop 5% 1"), (Lines{"1: drop 5% from all", "1: drop 5% to all"}));
}

TEST(FaultPlan, disks_and_clocks_belong_to_one_node) {
    EXPECT_EQ(lines_of("disk-full 1"), (Lines{"1: disk-full"}));
    EXPECT_EQ(lines_of("slow-disk leader 50ms"), (Lines{"3: slow-disk 50ms"}));
    EXPECT_EQ(lines_of("stall-disk 0"), (Lines{"0: stall-disk"}));
    EXPECT_EQ(lines_of("fail-disk 0"), (Lines{"0: fail-disk"}));
    EXPECT_EQ(lines_of("clock 1 -30s"), (Lines{"1: clock -30s"}));
    EXPECT_EQ(lines_of("clock 1 +5%"), (Lines{"1: clock-rate +5%"}));
}

TEST(FaultPlan, ends_when_it_is_told_to) {
    auto plan = plan_of("cut 0-1");
    ASSERT_TRUE(plan.ok());
    for (const NodeFault& each : limited_to(*plan, 10'000)) EXPECT_EQ(each.fault.lasts_ms, 10'000);
}

TEST(FaultPlan, refuses_what_makes_no_sense) {
    struct Case {
        std::string text, says;
    };
    for (const Case& each : std::vector<Case>{
             {"", "is no fault"},
             {"explode", "is no fault"},
             {"cut", "expected: cut"},
             {"cut 0", "expected \"0>2\""},
             {"cut 0>", "a node's id"},
             {"cut 0>1>2", "expected \"0>2\""},
             {"cut 0-0", "no link to itself"},
             {"cut 0-5", "there is no node 5; the members are 0, 1, 2, 3, 4"},
             {"cut 0-1 2", "expected: cut"},
             {"isolate", "expected: isolate"},
             {"isolate follower", "a node's id"},
             {"partition 0,1,2,3,4", "two groups"},
             {"partition 0,1/2", "node 3 is in no group"},
             {"partition 0,1,2/2,3,4", "node 2 is in two groups"},
             {"partition 0,1,2,3,4/", "a node's id"},
             {"bridge", "expected: bridge"},
             {"delay", "expected: delay"},
             {"delay soon", "a time like"},
             {"delay 5ms 9", "there is no node 9"},
             {"drop 200%", "100% at most"},
             {"disk-full", "expected: disk-full"},
             {"disk-full 1 2", "expected: disk-full"},
             {"slow-disk 1", "expected: slow-disk"},
             {"slow-disk 50ms 1", "a node's id"},
             {"clock 1", "expected: clock"},
             {"clock 1 later", "a time like"},
             {"clock 1 +90%", "50% at most"},
         }) {
        auto plan = plan_of(each.text);
        ASSERT_FALSE(plan.ok()) << each.text;
        EXPECT_EQ(plan.error().kind, ErrorKind::usage) << each.text;
        EXPECT_NE(plan.error().message.find(each.says), std::string::npos)
            << each.text << ": " << plan.error().message;
    }
    EXPECT_FALSE(plan_of("bridge 0", 2).ok());
}

TEST(FaultPlan, says_why_there_is_no_leader) {
    auto nobody = []() -> Result<NodeId> { return Error{ErrorKind::unavailable, "nobody leads"}; };
    auto plan = plan_faults(words_of("isolate leader"), cluster_of(3), nobody);
    ASSERT_FALSE(plan.ok());
    EXPECT_EQ(plan.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(plan.error().message, "nobody leads");
}

}  // namespace
}  // namespace raftkv::cli
