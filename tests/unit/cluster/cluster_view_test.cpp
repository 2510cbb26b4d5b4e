#include "cli/cluster/cluster_view.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace raftkv::cli {
namespace {

NodeStatus status_of(std::uint32_t id, NodeRole role, std::uint64_t term) {
    NodeStatus status;
    status.id = NodeId(id);
    status.role = role;
    status.term = Term(term);
    return status;
}

ClusterView rows(std::uint32_t count) {
    ClusterView view;
    view.nodes.resize(count);
    for (std::uint32_t id = 0; id < count; ++id) view.nodes[id].id = NodeId(id);
    return view;
}

TEST(FindLeader, TakesTheOneOfTheHighestTerm) {
    ClusterView view = rows(3);
    // Node 0 was cut off as the leader and does not know of node 2 yet.
    find_leader(view, {status_of(0, NodeRole::leader, 4), status_of(1, NodeRole::follower, 5),
                       status_of(2, NodeRole::leader, 5)});
    EXPECT_EQ(view.leader, NodeId(2));
    EXPECT_EQ(view.term, Term(5));
}

TEST(FindLeader, ThereMayBeNone) {
    ClusterView view = rows(2);
    find_leader(view, {status_of(0, NodeRole::candidate, 9), std::nullopt});
    EXPECT_EQ(view.leader, std::nullopt);
    EXPECT_EQ(view.term, Term(9));
}

TEST(FindLeader, LagIsWhatTheLeaderSays) {
    ClusterView view = rows(3);
    NodeStatus leader = status_of(1, NodeRole::leader, 2);
    leader.peers = {{NodeId(0), true, LogIndex(5), 7}, {NodeId(2), false, LogIndex(0), 12}};
    find_leader(view, {std::nullopt, leader, std::nullopt});
    EXPECT_EQ(view.nodes[0].lag, 7u);
    EXPECT_EQ(view.nodes[1].lag, 0u);
    EXPECT_EQ(view.nodes[2].lag, 12u);
}

TEST(FindLeader, WhoAnswersAndIsNotHeardByTheLeaderIsCutOff) {
    ClusterView view = rows(3);
    for (NodeView& node : view.nodes) node.state = NodeState::running;
    view.nodes[0].role = NodeRole::follower;
    NodeStatus leader = status_of(1, NodeRole::leader, 2);
    leader.peers = {{NodeId(0), false, LogIndex(5), 7}, {NodeId(2), false, LogIndex(0), 12}};
    find_leader(view, {status_of(0, NodeRole::follower, 2), leader, std::nullopt});
    EXPECT_EQ(view.nodes[0].state, NodeState::cut_off);
    EXPECT_EQ(view.nodes[2].state, NodeState::running) << "it says nothing, and may be on its way";
    EXPECT_EQ(view.nodes[2].connected, false);
}

TEST(FindLeader, OfAnotherMachineIsWhomItsFollowersName) {
    ClusterView view = rows(2);
    view.nodes[0].role = NodeRole::follower;
    view.nodes[0].leader = NodeId(1);
    view.nodes[0].term = Term(3);
    NodeStatus follower = status_of(0, NodeRole::follower, 3);
    follower.leader = NodeId(1);
    view.nodes[1].state = NodeState::stopped;
    find_leader(view, {follower, std::nullopt});
    EXPECT_EQ(view.leader, std::nullopt) << "it is known not to run";
    view.nodes[1].state = NodeState::unknown;
    find_leader(view, {follower, std::nullopt});
    EXPECT_EQ(view.leader, NodeId(1));
}

ClusterView full_view() {
    ClusterView view = rows(2);
    view.supervisor_pid = 77;
    view.uptime_ms = 1234;
    view.stopping = true;
    view.data_path = "/a \"b\"\nc";
    view.leader = NodeId(1);
    view.term = Term(3);
    NodeView& node = view.nodes[1];
    node.state = NodeState::running;
    node.pid = 78;
    node.uptime_ms = 99;
    node.restarts = 2;
    node.role = NodeRole::leader;
    node.leader = NodeId(1);
    node.term = Term(3);
    node.commit = LogIndex(41);
    node.applied = LogIndex(40);
    node.lag = 0;
    node.read_mode = "lease";
    node.distrusted = true;
    node.faults = {parse_fault_text("delay 80ms to 0 for 10s").value(),
                   parse_fault_text("disk-full").value()};
    view.nodes[0].paused = true;
    view.nodes[0].votes = false;
    view.nodes[0].state = NodeState::running;
    view.nodes[0].note = "bytes that are no text: \xff";
    return view;
}

TEST(ClusterViewJson, ComesBackAsItWas) {
    auto back = parse_cluster_view(to_json(full_view()));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->supervisor_pid, 77);
    EXPECT_EQ(back->data_path, "/a \"b\"\nc");
    EXPECT_TRUE(back->stopping);
    EXPECT_EQ(back->leader, NodeId(1));
    EXPECT_EQ(back->nodes[1].pid, 78);
    EXPECT_EQ(back->nodes[1].commit, LogIndex(41));
    EXPECT_EQ(back->nodes[1].applied, LogIndex(40));
    EXPECT_EQ(back->nodes[1].role, NodeRole::leader);
    EXPECT_EQ(back->nodes[1].restarts, 2u);
    EXPECT_EQ(back->nodes[1].read_mode, "lease");
    EXPECT_TRUE(back->nodes[1].distrusted);
    EXPECT_EQ(back->nodes[1].faults, full_view().nodes[1].faults);
    EXPECT_TRUE(back->nodes[0].faults.empty());
    EXPECT_TRUE(back->nodes[0].paused);
    EXPECT_FALSE(back->nodes[0].votes);
    EXPECT_TRUE(back->nodes[1].votes);
    EXPECT_EQ(back->nodes[0].pid, std::nullopt);
    EXPECT_EQ(to_json(*back), to_json(*parse_cluster_view(to_json(*back))));
}

TEST(ClusterViewJson, HasTheNamesThatScriptsUse) {
    auto object = nlohmann::json::parse(to_json(full_view()));
    EXPECT_EQ(object["leader"], 1);
    EXPECT_EQ(object["supervisor"]["pid"], 77);
    EXPECT_EQ(object["nodes"][0]["state"], "paused");
    EXPECT_TRUE(object["nodes"][0]["role"].is_null());
    EXPECT_EQ(object["nodes"][1]["role"], "leader");
    EXPECT_EQ(object["nodes"][1]["faults"][0], "delay 80ms to 0 for 10s");
    EXPECT_TRUE(object["nodes"][0]["faults"].empty());
    EXPECT_TRUE(nlohmann::json::parse(to_json(rows(1)))["supervisor"].is_null());
}

TEST(ClusterViewJson, GarbageIsAnErrorAndNoMore) {
    std::string good = to_json(full_view());
    std::mt19937 random(7);
    for (int round = 0; round < 2'000; ++round) {
        std::string bad = good;
        for (int change = 0; change < 3; ++change) {
            bad[random() % bad.size()] = static_cast<char>(random() % 256);
        }
        (void)parse_cluster_view(bad).ok();
        (void)parse_cluster_view(good.substr(0, random() % good.size())).ok();
    }
    EXPECT_FALSE(parse_cluster_view("[]").ok());
    EXPECT_FALSE(parse_cluster_view("{}").ok());
    EXPECT_FALSE(parse_cluster_view("").ok());
}

TEST(ShortDuration, NamesTheTwoLargestUnits) {
    EXPECT_EQ(short_duration(0), "0 ms");
    EXPECT_EQ(short_duration(999), "999 ms");
    EXPECT_EQ(short_duration(1'000), "1.0 s");
    EXPECT_EQ(short_duration(59'999), "59.9 s");
    EXPECT_EQ(short_duration(60'000), "1m 0s");
    EXPECT_EQ(short_duration(3'600'000), "1h 0m");
    EXPECT_EQ(short_duration(90'000'000), "1d 1h");
}

}  // namespace
}  // namespace raftkv::cli
