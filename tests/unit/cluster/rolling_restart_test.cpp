#include "cli/cluster/rolling_restart.hpp"

#include <gtest/gtest.h>

namespace raftkv::cli {
namespace {

// All follow node `leader` and have everything.
ClusterView healthy(std::uint32_t nodes, std::uint32_t leader) {
    ClusterView view;
    view.leader = NodeId(leader);
    for (std::uint32_t id = 0; id < nodes; ++id) {
        NodeView node;
        node.id = NodeId(id);
        node.state = NodeState::running;
        node.role = id == leader ? NodeRole::leader : NodeRole::follower;
        node.leader = NodeId(leader);
        node.commit = node.applied = LogIndex(100);
        node.lag = 0;
        view.nodes.push_back(node);
    }
    return view;
}

std::vector<std::uint32_t> ids(const std::vector<NodeId>& nodes) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(nodes.size());
    for (NodeId id : nodes) numbers.push_back(id.value());
    return numbers;
}

TEST(RestartOrder, TheLeaderIsTheLast) {
    EXPECT_EQ(ids(restart_order(healthy(3, 0))), (std::vector<std::uint32_t>{1, 2, 0}));
    EXPECT_EQ(ids(restart_order(healthy(3, 2))), (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(RestartOrder, NodesElsewhereAreNotOurs) {
    ClusterView view = healthy(3, 0);
    view.nodes[2].here = false;
    EXPECT_EQ(ids(restart_order(view)), (std::vector<std::uint32_t>{1, 0}));
}

TEST(CanSpare, OneOfThreeHealthyNodes) {
    for (std::uint32_t id = 0; id < 3; ++id) {
        EXPECT_TRUE(can_spare(healthy(3, 1), NodeId(id)).ok()) << id;
    }
}

TEST(CanSpare, NobodyOfTwoOrOne) {
    EXPECT_FALSE(can_spare(healthy(2, 0), NodeId(1)).ok());
    EXPECT_FALSE(can_spare(healthy(1, 0), NodeId(0)).ok());
}

TEST(CanSpare, AMissingNodeCounts) {
    ClusterView view = healthy(3, 1);
    view.nodes[0].role.reset();
    auto refused = can_spare(view, NodeId(2));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_NE(refused.error().message.find("node 0"), std::string::npos) << refused.error().message;
    EXPECT_TRUE(can_spare(view, NodeId(0)).ok()) << "the missing one itself costs nothing";
}

TEST(CanSpare, APausedNodeCounts) {
    ClusterView view = healthy(3, 1);
    view.nodes[0].paused = true;
    EXPECT_FALSE(can_spare(view, NodeId(2)).ok());
}

TEST(CanSpare, ANodeThatFollowsSomebodyElseCounts) {
    ClusterView view = healthy(3, 1);
    view.nodes[0].leader = NodeId(2);
    EXPECT_FALSE(can_spare(view, NodeId(2)).ok());
}

TEST(CanSpare, ANodeFarBehindCounts) {
    ClusterView view = healthy(3, 1);
    view.nodes[0].lag = 10'001;
    EXPECT_FALSE(can_spare(view, NodeId(2)).ok());
}

TEST(CanSpare, NotWithoutALeader) {
    ClusterView view = healthy(3, 1);
    view.leader.reset();
    EXPECT_FALSE(can_spare(view, NodeId(2)).ok());
}

// Two learners make five members, of which three vote.
TEST(CanSpare, LearnersAreNoVotersWhetherTheyAnswerOrNot) {
    for (const bool they_answer : {true, false}) {
        ClusterView view = healthy(5, 1);
        for (const std::uint32_t learner : {3U, 4U}) {
            view.nodes[learner].votes = false;
            if (!they_answer) view.nodes[learner].role.reset();
        }
        EXPECT_TRUE(can_spare(view, NodeId(0)).ok()) << "two of three stay";
        view.nodes[2].role.reset();
        const auto refused = can_spare(view, NodeId(0));
        ASSERT_FALSE(refused.ok()) << "one of three would be left, and two learners";
        EXPECT_NE(refused.error().message.find("only 1 of 3 that vote would be left, and 2 are"),
                  std::string::npos)
            << refused.error().message;
        EXPECT_EQ(refused.error().message.find("node 3"), std::string::npos)
            << "it is not missed: " << refused.error().message;
    }
}

TEST(CanSpare, ALearnerAlways) {
    ClusterView view = healthy(3, 0);
    view.nodes[2].votes = false;
    EXPECT_FALSE(can_spare(view, NodeId(1)).ok()) << "one of two would be left";
    EXPECT_TRUE(can_spare(view, NodeId(2)).ok());
    view.leader.reset();
    EXPECT_FALSE(can_spare(view, NodeId(2)).ok()) << "it could not come back";
}

// Every set of missing nodes, against counting by hand.
TEST(CanSpare, LeavesAMajorityForEverySetOfMissingNodes) {
    for (std::uint32_t nodes = 1; nodes <= 7; ++nodes) {
        for (std::uint32_t missing = 0; missing < (1U << nodes); ++missing) {
            ClusterView view = healthy(nodes, 0);
            if (missing & 1U) continue;  // the leader is there
            for (std::uint32_t id = 0; id < nodes; ++id) {
                if (missing & (1U << id)) view.nodes[id].role.reset();
            }
            for (std::uint32_t id = 0; id < nodes; ++id) {
                std::uint32_t left = 0;
                for (std::uint32_t other = 0; other < nodes; ++other) {
                    if (other != id && !(missing & (1U << other))) ++left;
                }
                EXPECT_EQ(can_spare(view, NodeId(id)).ok(), 2 * left > nodes);
            }
        }
    }
}

TEST(IsBack, OnlyWithAllThatWasCommittedBefore) {
    ClusterView view = healthy(3, 1);
    EXPECT_TRUE(is_back(view, NodeId(0), LogIndex(100)));
    EXPECT_FALSE(is_back(view, NodeId(0), LogIndex(101)));
    EXPECT_EQ(waiting_for(view, NodeId(0), LogIndex(141)), "it has to catch up with 41 entries");
}

TEST(IsBack, OnlyWhenItAnswersAndFollows) {
    ClusterView silent = healthy(3, 1);
    silent.nodes[0].role.reset();
    EXPECT_FALSE(is_back(silent, NodeId(0), LogIndex(1)));
    EXPECT_EQ(waiting_for(silent, NodeId(0), LogIndex(1)), "it does not answer yet");

    ClusterView lost = healthy(3, 1);
    lost.nodes[0].leader.reset();
    EXPECT_FALSE(is_back(lost, NodeId(0), LogIndex(1)));
    EXPECT_EQ(waiting_for(lost, NodeId(0), LogIndex(1)), "it does not follow node 1 yet");

    ClusterView leaderless = healthy(3, 1);
    leaderless.leader.reset();
    EXPECT_FALSE(is_back(leaderless, NodeId(0), LogIndex(1)));
    EXPECT_EQ(waiting_for(leaderless, NodeId(0), LogIndex(1)), "there is no leader");
}

}  // namespace
}  // namespace raftkv::cli
