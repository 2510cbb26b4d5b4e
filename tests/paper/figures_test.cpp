// Figures 7 and 8 of the paper.
#include <gtest/gtest.h>

#include "tests/paper/cluster.hpp"

namespace raftkv::paper {
namespace {

using raft::Role;

// Figure 7: "When the leader at the top comes to power, it is possible that any of scenarios (a-f)
// could occur in follower logs."
struct Figure7Case {
    const char* name;
    Terms follower;
    std::uint64_t term;
};

class Figure7 : public testing::TestWithParam<Figure7Case> {};

TEST_P(Figure7, TheLeaderBringsTheFollowersLogToItsOwn) {
    const Terms leaders = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};
    Cluster cluster(3);
    cluster.put_on_disk(0, leaders, 7);
    cluster.put_on_disk(1, leaders, 7);  // one more up-to-date server, so that 0 can be elected
    cluster.put_on_disk(2, GetParam().follower, GetParam().term);
    cluster.elect(0);
    cluster.settle();
    Terms expected = leaders;
    expected.push_back(cluster.core(0).term().value());
    EXPECT_EQ(cluster.log_terms(0), expected) << "a leader never changes its own log";
    EXPECT_EQ(cluster.log_terms(2), expected);
    EXPECT_EQ(cluster.core(0).commit(), LogIndex(11));
}

INSTANTIATE_TEST_SUITE_P(Paper, Figure7,
                         testing::Values(Figure7Case{"a", {1, 1, 1, 4, 4, 5, 5, 6, 6}, 6},
                                         Figure7Case{"b", {1, 1, 1, 4}, 4},
                                         Figure7Case{"c", {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6}, 6},
                                         Figure7Case{"d", {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7}, 7},
                                         Figure7Case{"e", {1, 1, 1, 4, 4, 4, 4}, 4},
                                         Figure7Case{"f", {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}, 3}),
                         [](const auto& param) { return param.param.name; });

// Figure 8: a leader of a later term must not commit an entry of an earlier one by counting.
class Figure8 : public testing::Test {
  protected:
    // (c): S1 leads term 4 and has brought its entry of term 2 to S2 and S3; S5 has one of term 3.
    void SetUp() override {
        cluster.put_on_disk(0, {1, 2}, 3);
        cluster.put_on_disk(1, {1, 2}, 3);
        cluster.put_on_disk(2, {1}, 3);
        cluster.put_on_disk(3, {1}, 3);
        cluster.put_on_disk(4, {1, 3}, 3);
    }
    Cluster cluster{5};
};

TEST_F(Figure8, AnEntryOfAnEarlierTermOnAMajorityIsNotCommittedByCounting) {
    // Only entry 2 has reached S3 so far, not the first entry of term 4.
    Cluster staged(5);
    staged.put_on_disk(0, {1, 2}, 3);
    staged.put_on_disk(1, {1, 2}, 3);
    staged.put_on_disk(2, {1, 2}, 3);
    staged.put_on_disk(3, {1}, 3);
    staged.put_on_disk(4, {1, 3}, 3);
    for (int i = 0; i < 40 && staged.core(0).role() != Role::leader; ++i) {
        staged.pass_time(0, 20);
        for (const std::uint32_t voter : {1u, 2u, 3u}) {
            staged.deliver(0, voter);
            staged.sync(voter);
            staged.deliver(voter, 0);
        }
        staged.sync(0);
    }
    ASSERT_EQ(staged.core(0).role(), Role::leader);
    const Term term = staged.core(0).term();
    // S2 and S3 say that they have entry 2. S1 has it too: a majority of five.
    staged.sync(0);
    for (const std::uint32_t follower : {1u, 2u}) {
        staged.inject(follower, 0,
                      Message{term, raft::AppendResponse{true, LogIndex(2), Term(0), LogIndex(0)}});
    }
    EXPECT_EQ(staged.core(0).commit(), LogIndex(0)) << "(d) could still overwrite it";
    // (e): once an entry of its own term is on a majority, everything before it is committed too.
    for (const std::uint32_t follower : {1u, 2u}) {
        staged.inject(follower, 0,
                      Message{term, raft::AppendResponse{true, LogIndex(3), Term(0), LogIndex(0)}});
    }
    EXPECT_EQ(staged.core(0).commit(), LogIndex(3));
}

TEST_F(Figure8, WhatWasNotCommittedMayBeOverwrittenByALaterLeader) {
    for (const std::uint32_t id : {0u, 1u}) cluster.crash(id);
    cluster.elect(4);  // (d): S5 wins with the votes of S3 and S4
    cluster.settle();
    cluster.restart(0);
    cluster.restart(1);
    cluster.pass_time_everywhere(1000);
    const Terms log = cluster.log_terms(4);
    ASSERT_GE(log.size(), 3u);
    EXPECT_EQ(log[1], 3u);
    for (std::uint32_t id = 0; id < 5; ++id) EXPECT_EQ(cluster.log_terms(id), log);
}

TEST_F(Figure8, WhatWasCommittedInTheNewTermKeepsTheOldLeaderFromWinning) {
    cluster.cut(0, 4);
    cluster.elect(0);  // (e): the no-op of term 4 reaches S2, S3, S4
    cluster.settle();
    ASSERT_GE(cluster.core(0).commit(), LogIndex(3));
    cluster.crash(0);
    for (std::uint32_t id = 1; id < 5; ++id) cluster.connection_closed(id, 0);
    cluster.pass_time_everywhere(2000);
    EXPECT_NE(cluster.core(4).role(), Role::leader);
    for (std::uint32_t id = 1; id < 5; ++id) EXPECT_EQ(cluster.log_terms(id)[1], 2u);
}

}  // namespace
}  // namespace raftkv::paper
