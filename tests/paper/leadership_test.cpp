// Leadership transfer: thesis 3.10. Leader completeness over restarts.
#include <gtest/gtest.h>

#include <variant>

#include "tests/paper/cluster.hpp"

namespace raftkv::paper {
namespace {

using raft::Role;
using raft::TransferStart;

TEST(Thesis310, ATransferMakesTheMostAdvancedFollowerLeadWithoutATimeout) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.cut(0, 2);
    const LogIndex last = cluster.propose(0);
    cluster.settle();
    cluster.heal();
    cluster.transfer(0);
    EXPECT_EQ(cluster.propose(0), LogIndex(0)) << "no proposals while handing over";
    cluster.settle();
    EXPECT_EQ(cluster.core(1).role(), Role::leader);
    EXPECT_EQ(cluster.core(0).role(), Role::follower);
    EXPECT_GT(cluster.core(1).commit(), last);
}

// The others commit without the leader's disk; its memory must not pay for that.
TEST(Thesis1021, ALeaderWhoseDiskHangsTakesNoMoreThanItsBoundAndHandsOver) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.stall_disk(0);
    const std::string payload(1 << 20, 'x');
    int taken = 0;
    while (taken < 200 && cluster.propose(0, payload) != LogIndex(0)) {
        cluster.settle();
        // As its owner does with what is committed.
        cluster.core(0).applied(cluster.core(0).commit());
        ++taken;
    }
    const raft::Options bounds;
    EXPECT_LE(cluster.core(0).log().cache_bytes(),
              bounds.log_cache_bytes + bounds.max_uncommitted_bytes + (1 << 20) + 1024);
    EXPECT_GT(taken, 60) << "that much is allowed";
    cluster.pass_time(0, 10);
    cluster.settle();
    EXPECT_NE(cluster.core(0).role(), Role::leader);
    EXPECT_TRUE(cluster.leader_of_term(cluster.core(1).term().value())) << "somebody else leads";
}

TEST(Thesis310, AFollowerThatLagsIsBroughtUpBeforeItIsHandedTheLead) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    const LogIndex last = cluster.propose(0);
    cluster.transfer(0);  // the entry is still on its way
    EXPECT_TRUE(std::holds_alternative<raft::AppendRequest>(cluster.in_flight(0, 1).back().body));
    cluster.settle();
    EXPECT_NE(cluster.core(0).role(), Role::leader);
    EXPECT_GE(cluster.core(1).log().last_index(), last);
}

TEST(Thesis310, ATransferThatFailsLeavesTheOldLeaderLeading) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.transfer(0);
    cluster.drop_in_flight();
    EXPECT_FALSE(cluster.core(0).takes_proposals());
    cluster.pass_time_everywhere(350);
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
    EXPECT_TRUE(cluster.core(0).takes_proposals());
}

// What was proposed may not be known to be committed when another leads: a leader that hands over
// leaves nothing like that behind.
TEST(Thesis310, TheTargetIsAskedOnlyOnceAllThatWasProposedIsCommitted) {
    Cluster cluster(5);
    cluster.elect(0);
    cluster.settle();
    for (std::uint32_t other : {2, 3, 4}) cluster.cut(0, other);
    const LogIndex last = cluster.propose(0);
    cluster.transfer(0, 1);
    cluster.settle();
    EXPECT_EQ(cluster.core(1).log().last_index(), last) << "it has everything";
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
    EXPECT_EQ(cluster.core(1).role(), Role::follower);
    cluster.heal();
    cluster.pass_time_everywhere(1);
    cluster.connect_everybody();
    cluster.settle();
    EXPECT_EQ(cluster.core(1).role(), Role::leader);
}

TEST(Thesis310, ATransferGoesToWhoeverWasNamed) {
    for (std::uint32_t target : {1u, 2u}) {
        Cluster cluster(3);
        cluster.elect(0);
        cluster.settle();
        EXPECT_EQ(cluster.transfer(0, target), TransferStart::begun);
        cluster.settle();
        EXPECT_EQ(cluster.core(target).role(), Role::leader);
    }
}

TEST(Thesis310, ProposalsGoOnWhileTheTargetIsBroughtUp) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.connection_closed(0, 2);
    for (int i = 0; i < 300; ++i) cluster.propose(0);
    cluster.settle();
    cluster.connect_everybody();  // more than one window of messages is missing
    EXPECT_EQ(cluster.transfer(0, 2), TransferStart::begun);
    EXPECT_FALSE(cluster.core(0).handing_over());
    EXPECT_NE(cluster.propose(0), LogIndex(0));
    cluster.settle();
    EXPECT_EQ(cluster.core(2).role(), Role::leader);
    EXPECT_EQ(cluster.core(2).log().last_index(), LogIndex(303)) << "with the two no-ops";
}

TEST(Thesis310, ATransferThatCannotComeAboutIsRefused) {
    Cluster cluster(3);
    EXPECT_EQ(cluster.transfer(0, 1), TransferStart::not_leading);
    cluster.elect(0);
    cluster.settle();
    EXPECT_EQ(cluster.transfer(0, 0), TransferStart::leads_already);
    EXPECT_EQ(cluster.transfer(0, 7), TransferStart::no_such_server);
    cluster.connection_closed(0, 2);
    EXPECT_EQ(cluster.transfer(0, 2), TransferStart::not_connected);
    for (std::uint64_t i = 0; i <= raft::Options().max_transfer_lag; ++i) cluster.propose(0);
    EXPECT_EQ(cluster.transfer(0, 1), TransferStart::too_far_behind);
    cluster.settle();
    EXPECT_EQ(cluster.transfer(0, 1), TransferStart::begun);
    EXPECT_EQ(cluster.transfer(0, 1), TransferStart::under_way);
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
    cluster.settle();
    EXPECT_EQ(cluster.core(1).role(), Role::leader);
    cluster.connection_closed(1, 0);
    cluster.connection_closed(1, 2);
    EXPECT_EQ(cluster.transfer(1), TransferStart::nobody_connected);
}

TEST(Thesis310, LeadershipIsNotHandedToAServerThatHangs) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    for (int i = 0; i < 4; ++i) cluster.pass_time(0, 50);
    EXPECT_EQ(cluster.transfer(0, 1), TransferStart::not_connected);
    cluster.settle();
    EXPECT_EQ(cluster.transfer(0, 1), TransferStart::begun);
}

TEST(Thesis310, WhenTheTargetGoesTheLeaderGoesOnAtOnce) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.transfer(0, 1);
    cluster.drop_in_flight();
    EXPECT_FALSE(cluster.core(0).takes_proposals());
    cluster.connection_closed(0, 1);
    EXPECT_TRUE(cluster.core(0).takes_proposals());
    EXPECT_NE(cluster.propose(0), LogIndex(0));
}

TEST(Thesis310, OnlyTheLeaderOfTheTermCanAskForAnElection) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.inject(2, 1, Message{Term(1), raft::TimeoutNow{}});
    EXPECT_EQ(cluster.core(1).role(), Role::follower);
}

// Priorities are no part of the paper: a wish of whoever runs the cluster.

TEST(Priorities, OfTwoThatAskAtATimeTheHigherPriorityGoesFirst) {
    Cluster cluster(3, {1, 1, 5});
    cluster.elect(0);
    cluster.settle();
    cluster.crash(0);
    cluster.connection_closed(1, 0);
    cluster.connection_closed(2, 0);
    cluster.pass_time(1, 46);
    cluster.pass_time(2, 16);
    EXPECT_EQ(cluster.core(1).role(), Role::pre_candidate);
    EXPECT_EQ(cluster.core(2).role(), Role::pre_candidate);
    cluster.settle();
    EXPECT_EQ(cluster.core(2).role(), Role::leader);
}

TEST(Priorities, WhoeverIsOutrankedWaitsALittleLongerWhenTheLeaderIsLost) {
    for (int round = 0; round < 20; ++round) {
        Cluster cluster(3, {1, 1, 5});
        cluster.elect(0);
        for (int i = 0; i < round; ++i) cluster.pass_time_everywhere(1);  // other random numbers
        cluster.settle();
        cluster.crash(0);
        cluster.connection_closed(1, 0);
        cluster.connection_closed(2, 0);
        cluster.pass_time(1, 16);
        cluster.pass_time(2, 16);
        EXPECT_EQ(cluster.core(1).role(), Role::follower);
        EXPECT_EQ(cluster.core(2).role(), Role::pre_candidate);
    }
}

TEST(Priorities, DoNotHelpAShorterLog) {
    Cluster cluster(3, {1, 1, 5});
    cluster.put_on_disk(0, {1, 1}, 1);
    cluster.put_on_disk(1, {1, 1}, 1);
    cluster.put_on_disk(2, {1}, 1);
    cluster.pass_time(2, 400);
    cluster.settle();
    EXPECT_NE(cluster.core(2).role(), Role::leader);
    cluster.elect(1);
}

TEST(Priorities, ALeaderHandsOverToAFollowerOfHigherPriorityAfterAWhile) {
    Cluster cluster(3, {1, 2, 5});
    cluster.elect(0);
    cluster.settle();
    const auto pass = [&](int ms) {
        for (int i = 0; i < ms / 10; ++i) {
            cluster.pass_time_everywhere(10);
            cluster.settle();
        }
    };
    pass(2900);
    EXPECT_EQ(cluster.core(0).role(), Role::leader) << "not at once";
    pass(200);
    EXPECT_EQ(cluster.core(2).role(), Role::leader);
    pass(20'000);
    EXPECT_EQ(cluster.core(2).role(), Role::leader);
}

TEST(Priorities, ALeaderKeepsTheLeadWhileTheOtherIsBehindAndTriesSeldomWhatFails) {
    Cluster cluster(3, {1, 1, 5});
    cluster.elect(0);
    cluster.settle();
    cluster.core(2).log_has_room(false, cluster.server(2).effects);  // it will not take over
    int out_of_reach = 0;
    for (int i = 0; i < 6000; ++i) {  // a minute
        cluster.pass_time_everywhere(10);
        cluster.settle();
        ASSERT_EQ(cluster.core(0).role(), Role::leader);
        out_of_reach += !cluster.core(0).takes_proposals();
    }
    EXPECT_GT(out_of_reach, 0);
    EXPECT_LT(out_of_reach, 200) << "proposals wait for less than 2 s of 60";
}

TEST(LeaderCompleteness, WhatWasCommittedIsInEveryLaterLeadersLogAfterAnyCrash) {
    Cluster cluster(5);
    std::vector<LogIndex> committed;
    std::uint32_t leader = 0;
    for (int round = 0; round < 12; ++round) {
        cluster.elect(leader);
        committed.push_back(cluster.propose(leader, "round " + std::to_string(round)));
        cluster.settle();
        ASSERT_GE(cluster.core(leader).commit(), committed.back());
        cluster.crash(leader);
        for (std::uint32_t id = 0; id < 5; ++id)
            if (id != leader) cluster.connection_closed(id, leader);
        const std::uint32_t next = (leader + 1) % 5;
        cluster.elect(next);
        cluster.settle();
        for (std::size_t i = 0; i < committed.size(); ++i) {
            EXPECT_EQ(cluster.server(next).disk.log[committed[i].value() - 1].payload.view(),
                      "round " + std::to_string(i));
        }
        cluster.restart(leader);
        leader = next;
    }
}

}  // namespace
}  // namespace raftkv::paper
