#include "cli/cluster/view_of_now.hpp"

#include <gtest/gtest.h>

namespace raftkv::cli {
namespace {

NodeAnswer answer_of(std::uint32_t id, NodeRole role, std::uint64_t term, int pid) {
    NodeAnswer answer;
    answer.where.id = NodeId(id);
    answer.status.emplace();
    answer.status->id = NodeId(id);
    answer.status->role = role;
    answer.status->term = Term(term);
    answer.status->pid = pid;
    return answer;
}

NodeAnswer silence_of(std::uint32_t id, Silence why) {
    NodeAnswer answer;
    answer.where.id = NodeId(id);
    answer.silence = why;
    answer.reason = "nobody is there";
    return answer;
}

// As a supervisor knows it that runs node 0 of three: what it heard of them is old.
ClusterView supervised() {
    ClusterView view;
    view.supervisor_pid = 1;
    view.leader = NodeId(1);
    view.nodes.resize(3);
    for (std::uint32_t id = 0; id < 3; ++id) {
        view.nodes[id].id = NodeId(id);
        view.nodes[id].here = id == 0;
        view.nodes[id].state = id == 0 ? NodeState::running : NodeState::unknown;
    }
    view.nodes[0].pid = 77;
    view.nodes[0].role = NodeRole::follower;
    return view;
}

TEST(ViewOfNow, WhatTheNodesSayReplacesWhatTheSupervisorHeard) {
    const ClusterView view =
        combine(supervised(), std::nullopt,
                {answer_of(0, NodeRole::leader, 9, 77), answer_of(1, NodeRole::follower, 9, 78)});
    EXPECT_EQ(view.leader, NodeId(0));
    EXPECT_EQ(view.nodes[1].state, NodeState::running);
    EXPECT_EQ(view.nodes[1].pid, 78);
}

TEST(ViewOfNow, AnotherProcessOnThePortOfANodeOfThisMachineIsNotThatNode) {
    const ClusterView view =
        combine(supervised(), std::nullopt, {answer_of(0, NodeRole::leader, 9, 4711)});
    EXPECT_EQ(view.nodes[0].role, std::nullopt);
    EXPECT_EQ(view.leader, std::nullopt);
}

TEST(ViewOfNow, StoppedAndUnknownAreNotTheSame) {
    const ClusterView view =
        combine(supervised(), std::nullopt,
                {silence_of(1, Silence::not_listening), silence_of(2, Silence::unknown)});
    EXPECT_EQ(view.nodes[1].state, NodeState::stopped);
    EXPECT_EQ(view.nodes[2].state, NodeState::unknown);
    EXPECT_EQ(view.nodes[2].note, "nobody is there");
    EXPECT_EQ(view.nodes[0].state, NodeState::running) << "its process is of this machine";
}

TEST(ViewOfNow, WhoIsNoMemberAnyMoreIsRemoved) {
    MembersView members;
    members.answered_by = NodeId(1);
    members.leader = NodeId(1);
    members.committed = true;
    for (const std::uint32_t id : {0U, 1U}) {
        MemberInfo member;
        member.where.id = NodeId(id);
        members.members.push_back(member);
    }
    EXPECT_EQ(combine(supervised(), members, {}).nodes[2].state, NodeState::removed);
    members.leader.reset();
    EXPECT_EQ(combine(supervised(), members, {}).nodes[2].state, NodeState::unknown)
        << "only a leader knows for sure";
}

}  // namespace
}  // namespace raftkv::cli
