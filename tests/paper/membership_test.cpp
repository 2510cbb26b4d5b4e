// Chapter 4 of the thesis: a cluster's members change while it works.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/paper/cluster.hpp"

namespace raftkv::paper {
namespace {

using raft::AddMember;
using raft::ChangeStart;
using raft::Member;
using raft::MoveMember;
using raft::PromoteMember;
using raft::RemoveMember;
using raft::ReplaceMember;

constexpr std::int64_t election_ms = 700;

AddMember add(std::uint32_t id, bool learner = false) {
    return {NodeId(id), {"localhost", 1, 2, 3, "localhost"}, learner};
}

RemoveMember remove(std::uint32_t id, bool force = false) {
    return {NodeId(id), force};
}

MoveMember move(std::uint32_t id, std::uint16_t client_port) {
    return {NodeId(id), {"localhost", client_port, 2, 3, "localhost"}};
}

std::vector<std::uint32_t> voters(Cluster& cluster, std::uint32_t seen_by) {
    std::vector<std::uint32_t> ids;
    for (const Member& member : cluster.core(seen_by).members().members)
        if (member.votes()) ids.push_back(member.id.value());
    return ids;
}

using Ids = std::vector<std::uint32_t>;

// Server 0 leads `members` servers, and has committed an entry.
Cluster led_cluster(std::uint32_t servers, std::uint32_t members) {
    Cluster cluster = Cluster::with_spares(servers, members);
    cluster.introduce_everybody();
    cluster.elect(0);
    cluster.propose(0);
    cluster.settle();
    cluster.pass_time_everywhere(100);
    return cluster;
}

// Up to where server 0, which leads, knows that one's log.
LogIndex known_of(Cluster& cluster, std::uint32_t id) {
    const auto& followers = cluster.core(0).followers();
    const auto found = std::find_if(followers.begin(), followers.end(), [&](const auto& follower) {
        return follower.id == NodeId(id);
    });
    return found == followers.end() ? LogIndex(~0ULL) : found->match_index;
}

// A server dies, and the others see its connections end.
void die(Cluster& cluster, std::uint32_t id) {
    cluster.crash(id);
    for (std::uint32_t other = 0; other < cluster.size(); ++other)
        if (cluster.server(other).core) cluster.connection_closed(other, id);
}

std::uint32_t leader_of(Cluster& cluster) {
    for (std::uint32_t id = 0; id < cluster.size(); ++id)
        if (cluster.server(id).core && cluster.core(id).role() == raft::Role::leader) return id;
    return cluster.size();
}

TEST(Thesis4, ANewServerIsALearnerUntilItHasCaughtUpThenItVotes) {
    Cluster cluster = led_cluster(4, 3);
    for (int i = 0; i < 50; ++i) cluster.propose(0);
    cluster.settle();
    cluster.cut(0, 3);
    ASSERT_EQ(cluster.change(0, add(3)), ChangeStart::begun);
    cluster.pass_time_everywhere(300);
    EXPECT_EQ(cluster.core(0).members().find(NodeId(3))->kind, Member::Kind::joining);
    EXPECT_EQ(voters(cluster, 0), (Ids{0, 1, 2}));
    cluster.heal();
    cluster.pass_time_everywhere(2000);
    EXPECT_EQ(voters(cluster, 0), (Ids{0, 1, 2, 3}));
    EXPECT_EQ(voters(cluster, 3), (Ids{0, 1, 2, 3}));
    EXPECT_EQ(cluster.core(3).commit(), cluster.core(0).commit());
}

// Otherwise one crash could take two votes: the leader's, and that of a server which lost all that
// it had been sent, does not know that it belongs, and so gives none.
TEST(Thesis4, ANewServerDoesNotVoteBeforeItIsOnItsDiskThatItBelongs) {
    Cluster cluster = led_cluster(4, 3);
    cluster.stall_disk(3);
    ASSERT_EQ(cluster.change(0, add(3)), ChangeStart::begun);
    cluster.settle();
    cluster.pass_time(0, 20);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).members().find(NodeId(3))->kind, Member::Kind::joining);
    cluster.crash(3);
    die(cluster, 0);
    cluster.unstall_disk(3);
    cluster.restart(3);
    cluster.pass_time_everywhere(3000);
    EXPECT_NE(leader_of(cluster), cluster.size()) << "two of three are there";
}

TEST(Thesis4, ALearnerStaysOneUntilItIsPromoted) {
    Cluster cluster = led_cluster(4, 3);
    ASSERT_EQ(cluster.change(0, add(3, true)), ChangeStart::begun);
    cluster.pass_time_everywhere(1000);
    EXPECT_EQ(cluster.core(3).commit(), cluster.core(0).commit());
    EXPECT_EQ(voters(cluster, 0), (Ids{0, 1, 2}));
    EXPECT_EQ(cluster.change(0, PromoteMember{NodeId(3)}), ChangeStart::begun);
    cluster.pass_time_everywhere(100);
    EXPECT_EQ(voters(cluster, 3), (Ids{0, 1, 2, 3}));
}

TEST(Thesis4, ALearnerCountsForNothingAndNeverCampaigns) {
    Cluster cluster = led_cluster(3, 2);
    ASSERT_EQ(cluster.change(0, add(2, true)), ChangeStart::begun);
    cluster.pass_time_everywhere(500);
    cluster.isolate(1);
    const LogIndex index = cluster.propose(0);
    cluster.settle();
    EXPECT_LT(cluster.core(0).commit(), index);
    die(cluster, 0);
    cluster.pass_time_everywhere(3000);
    EXPECT_EQ(cluster.core(2).role(), raft::Role::follower);
}

// 4.1: "a server always uses the latest configuration in its log, regardless of whether the entry
// is committed".
TEST(Thesis4, AMembershipIsInForceOnceItIsInTheLog) {
    Cluster cluster = led_cluster(3, 3);
    cluster.isolate(0);
    ASSERT_EQ(cluster.change(0, add(3, true)), ChangeStart::begun);
    EXPECT_NE(cluster.core(0).members().find(NodeId(3)), nullptr);
    EXPECT_GT(cluster.core(0).members_index(), cluster.core(0).commit());
}

TEST(Thesis4, AMembershipThatIsTruncatedGivesWayToTheOneBefore) {
    Cluster cluster = led_cluster(4, 3);
    cluster.isolate(0);
    ASSERT_EQ(cluster.change(0, add(3, true)), ChangeStart::begun);
    cluster.sync(0);
    cluster.drop_in_flight();
    die(cluster, 0);
    cluster.elect(1);
    cluster.heal();
    cluster.restart(0);
    EXPECT_NE(cluster.core(0).members().find(NodeId(3)), nullptr);
    cluster.pass_time_everywhere(election_ms);
    EXPECT_EQ(cluster.core(0).members().find(NodeId(3)), nullptr);
    EXPECT_EQ(voters(cluster, 0), (Ids{0, 1, 2}));
}

// A leader that takes over in the middle of a change goes by it, and finishes it.
TEST(Thesis4, ANewLeaderGoesOnWithAChangeThatIsNotCommitted) {
    Cluster cluster = led_cluster(4, 3);
    cluster.stall_disk(2);
    ASSERT_EQ(cluster.change(0, add(3)), ChangeStart::begun);
    cluster.deliver(0, 1);
    cluster.sync(1);
    cluster.drop_in_flight();
    die(cluster, 0);
    cluster.unstall_disk(2);
    EXPECT_GT(cluster.core(1).members_index(), cluster.core(1).commit());
    cluster.elect(1);
    cluster.pass_time_everywhere(1000);
    EXPECT_EQ(voters(cluster, 1), (Ids{0, 1, 2, 3}));
}

TEST(Thesis4, OneChangeAtATime) {
    Cluster cluster = led_cluster(5, 3);
    ASSERT_EQ(cluster.change(0, add(3, true)), ChangeStart::begun);
    EXPECT_EQ(cluster.change(0, add(4, true)), ChangeStart::under_way);
    cluster.settle();
    EXPECT_EQ(cluster.change(0, add(4, true)), ChangeStart::begun);
}

// The flaw of the thesis as printed, found in 2015: two leaders each begin a change that they do
// not get to commit, and their majorities do not meet. So none begins before its term has a commit.
TEST(Thesis4, NoChangeBeforeTheFirstCommitOfATerm) {
    Cluster cluster = led_cluster(4, 4);
    die(cluster, 0);
    for (int round = 0; round < 60 && cluster.core(1).role() != raft::Role::leader; ++round) {
        cluster.pass_time(1, 20);
        for (std::uint32_t id : {2u, 3u}) cluster.deliver(1, id), cluster.sync(id);
        for (std::uint32_t id : {2u, 3u}) cluster.deliver(id, 1);
        cluster.sync(1);
    }
    ASSERT_EQ(cluster.core(1).role(), raft::Role::leader);
    EXPECT_EQ(cluster.change(1, remove(3)), ChangeStart::too_early);
    cluster.settle();
    EXPECT_EQ(cluster.change(1, remove(0)), ChangeStart::begun);
}

TEST(Thesis4, OnlyALeaderChangesMembers) {
    Cluster cluster = led_cluster(4, 3);
    EXPECT_EQ(cluster.change(1, add(3)), ChangeStart::not_leading);
}

TEST(Thesis4, WhatMakesNoSenseIsRefused) {
    Cluster cluster = led_cluster(4, 3);
    EXPECT_EQ(cluster.change(0, add(2)), ChangeStart::known_already);
    EXPECT_EQ(cluster.change(0, remove(3)), ChangeStart::not_a_member);
    EXPECT_EQ(cluster.change(0, PromoteMember{NodeId(3)}), ChangeStart::not_a_member);
    EXPECT_EQ(cluster.change(0, PromoteMember{NodeId(1)}), ChangeStart::votes_already);
    EXPECT_EQ(cluster.change(0, ReplaceMember{NodeId(3), add(4)}), ChangeStart::not_a_member);
    EXPECT_EQ(cluster.change(0, ReplaceMember{NodeId(1), add(2)}), ChangeStart::known_already);
    ASSERT_EQ(cluster.change(0, add(3, true)), ChangeStart::begun);
    cluster.settle();
    EXPECT_EQ(cluster.change(0, ReplaceMember{NodeId(3), add(5)}), ChangeStart::replaces_no_voter);
    cluster.connection_closed(0, 3);
    EXPECT_EQ(cluster.change(0, PromoteMember{NodeId(3)}), ChangeStart::not_caught_up);
}

TEST(Thesis4, ThereAreOnlySoManyMembers) {
    Cluster cluster = led_cluster(1, 1);
    for (std::uint32_t id = 1; id < raft::max_members; ++id) {
        ASSERT_EQ(cluster.change(0, add(id, true)), ChangeStart::begun);
        cluster.settle();
    }
    EXPECT_EQ(cluster.change(0, add(99, true)), ChangeStart::too_many);
}

TEST(Thesis4, TheLastVoterStays) {
    Cluster cluster = led_cluster(2, 1);
    ASSERT_EQ(cluster.change(0, add(1, true)), ChangeStart::begun);
    cluster.settle();
    EXPECT_EQ(cluster.change(0, remove(0, true)), ChangeStart::last_voter);
}

TEST(Thesis4, WhatWouldLoseTheQuorumIsRefusedUnlessForced) {
    Cluster cluster = led_cluster(3, 3);
    cluster.isolate(2);
    cluster.connection_closed(0, 2);
    EXPECT_EQ(cluster.change(0, remove(1)), ChangeStart::loses_quorum);
    EXPECT_EQ(cluster.change(0, remove(1, true)), ChangeStart::begun);
}

// Found by the simulator: a server had lost its disk, nobody had seen its connections end, and a
// leader that was just elected counted it among those that it hears of. The entry left a majority
// that nobody could make up any more, and whom it removed could not be elected either.
TEST(Thesis4, WhatWouldBeLeftMustHaveAnsweredTheNewLeader) {
    Cluster cluster = led_cluster(3, 3);
    cluster.isolate(2);
    ASSERT_EQ(cluster.transfer(0, 1), raft::TransferStart::begun);
    cluster.settle();
    ASSERT_EQ(cluster.core(1).role(), raft::Role::leader);
    ASSERT_GE(cluster.core(1).commit(), cluster.core(1).term_start());
    EXPECT_EQ(cluster.change(1, remove(0)), ChangeStart::loses_quorum);
    cluster.heal();
    cluster.pass_time_everywhere(1000);
    EXPECT_EQ(cluster.change(1, remove(0)), ChangeStart::begun);
}

TEST(Thesis4, WhatWouldBeLeftMustNotBeSomebodyElse) {
    Cluster cluster = led_cluster(3, 3);
    cluster.core(0).folder_heard({NodeId(2), 999}, cluster.server(0).effects);
    EXPECT_EQ(cluster.change(0, remove(1)), ChangeStart::loses_quorum);
}

TEST(Thesis4, ARemovedServerLearnsItOnlyOnceThatIsCommitted) {
    Cluster cluster = led_cluster(3, 3);
    cluster.cut(0, 1);
    ASSERT_EQ(cluster.change(0, remove(2)), ChangeStart::begun);
    cluster.pass_time_everywhere(100);
    EXPECT_EQ(voters(cluster, 2), (Ids{0, 1, 2}));
    cluster.heal();
    cluster.pass_time_everywhere(1000);
    EXPECT_EQ(voters(cluster, 2), (Ids{0, 1}));
    EXPECT_GE(cluster.core(2).commit(), cluster.core(2).members_index());
    const auto& followers = cluster.core(0).followers();
    EXPECT_TRUE(std::none_of(followers.begin(), followers.end(),
                             [](const auto& follower) { return follower.id == NodeId(2); }));
}

// 4.2.3: it does not hear from the leader any more, and must not disturb the others.
TEST(Thesis4, ARemovedServerDisturbsNobody) {
    Cluster cluster = led_cluster(4, 4);
    cluster.isolate(3);
    cluster.connection_closed(0, 3);
    ASSERT_EQ(cluster.change(0, remove(3)), ChangeStart::begun);
    cluster.pass_time_everywhere(100);
    cluster.heal();
    const Term term = cluster.core(0).term();
    cluster.pass_time_everywhere(5000);
    EXPECT_EQ(cluster.core(0).role(), raft::Role::leader);
    EXPECT_EQ(cluster.core(0).term(), term);
}

TEST(Thesis4, ALeaderThatIsToGoHandsOverAndTheNextOneRemovesIt) {
    Cluster cluster = led_cluster(3, 3);
    EXPECT_EQ(cluster.change(0, remove(0)), ChangeStart::hands_over);
    cluster.pass_time_everywhere(200);
    const std::uint32_t next = leader_of(cluster);
    ASSERT_NE(next, 0u);
    ASSERT_LT(next, 3u);
    ASSERT_EQ(cluster.change(next, remove(0)), ChangeStart::begun);
    cluster.pass_time_everywhere(200);
    EXPECT_EQ(voters(cluster, 0), (Ids{1, 2}));
}

// Majorities stay what they are, so it needs no answer from the one that moves.
TEST(Thesis4, AServerThatMovesVotesAsBeforeAndMayBeDownMeanwhile) {
    Cluster cluster = led_cluster(3, 3);
    die(cluster, 2);
    cluster.pass_time_everywhere(200);
    ASSERT_EQ(cluster.change(0, move(2, 7)), ChangeStart::begun);
    cluster.pass_time_everywhere(200);
    EXPECT_EQ(cluster.core(1).members().find(NodeId(2))->address->client_port, 7);
    EXPECT_EQ(voters(cluster, 1), (Ids{0, 1, 2}));
    EXPECT_EQ(cluster.change(0, move(2, 7)), ChangeStart::is_there_already);
    EXPECT_EQ(cluster.change(0, move(5, 7)), ChangeStart::not_a_member);
    cluster.restart(2);
    cluster.pass_time_everywhere(500);
    EXPECT_EQ(cluster.core(2).members().find(NodeId(2))->address->client_port, 7);
}

// The others turn to where it is going to be.
TEST(Thesis4, ALeaderThatIsToMoveHandsOverFirst) {
    Cluster cluster = led_cluster(3, 3);
    EXPECT_EQ(cluster.change(0, move(0, 7)), ChangeStart::hands_over);
    cluster.pass_time_everywhere(200);
    const std::uint32_t leader = leader_of(cluster);
    ASSERT_NE(leader, 0u);
    ASSERT_NE(leader, cluster.size());
    EXPECT_EQ(cluster.change(leader, move(0, 7)), ChangeStart::begun);
}

TEST(Thesis4, OneServerTakesThePlaceOfAnother) {
    Cluster cluster = led_cluster(4, 3);
    ASSERT_EQ(cluster.change(0, ReplaceMember{NodeId(1), add(3)}), ChangeStart::begun);
    cluster.pass_time_everywhere(2000);
    EXPECT_EQ(voters(cluster, 0), (Ids{0, 2, 3}));
    EXPECT_FALSE(cluster.core(0).members().find(NodeId(3))->replaces);
}

TEST(Thesis4, AlsoTheLeadersPlaceCanBeTaken) {
    Cluster cluster = led_cluster(4, 3);
    ASSERT_EQ(cluster.change(0, ReplaceMember{NodeId(0), add(3)}), ChangeStart::begun);
    cluster.pass_time_everywhere(3000);
    EXPECT_EQ(voters(cluster, 1), (Ids{1, 2, 3}));
    EXPECT_NE(leader_of(cluster), 0u);
}

TEST(Thesis4, ANewLeaderFinishesAReplacement) {
    Cluster cluster = led_cluster(4, 3);
    cluster.cut(0, 3);
    ASSERT_EQ(cluster.change(0, ReplaceMember{NodeId(1), add(3)}), ChangeStart::begun);
    cluster.pass_time_everywhere(200);
    die(cluster, 0);
    cluster.heal();
    cluster.elect(2);
    cluster.restart(0);
    cluster.pass_time_everywhere(2000);
    EXPECT_EQ(voters(cluster, 2), (Ids{0, 2, 3}));
}

TEST(Thesis4, ASnapshotSaysWhoTheMembersAre) {
    Cluster cluster = led_cluster(4, 3);
    ASSERT_EQ(cluster.change(0, add(3, true)), ChangeStart::begun);
    cluster.settle();
    cluster.crash(2);
    for (int i = 0; i < 10; ++i) cluster.propose(0);
    cluster.settle();
    ASSERT_EQ(cluster.change(0, remove(3)), ChangeStart::begun);
    cluster.pass_time_everywhere(200);
    cluster.propose(0);
    cluster.settle();
    cluster.take_snapshot(0, cluster.core(0).commit().value(), 250);
    cluster.restart(2);
    cluster.pass_time_everywhere(1000);
    EXPECT_EQ(cluster.core(2).members(), cluster.core(0).members());
    cluster.crash(2);
    cluster.restart(2);
    EXPECT_EQ(cluster.core(2).members(), cluster.core(0).members());
}

TEST(Thesis4, ARestartFindsTheMembersInTheLog) {
    Cluster cluster = led_cluster(4, 3);
    ASSERT_EQ(cluster.change(0, add(3)), ChangeStart::begun);
    cluster.pass_time_everywhere(2000);
    for (std::uint32_t id = 0; id < 4; ++id) cluster.restart(id);
    for (std::uint32_t id = 0; id < 4; ++id) EXPECT_EQ(voters(cluster, id), (Ids{0, 1, 2, 3}));
}

// Found with real nodes: added again before the leader had forgotten who it was, it was thought to
// have what its former self had, and was sent nothing.
TEST(Thesis4, AServerThatComesBackAtOnceStartsFromNothing) {
    Cluster cluster = led_cluster(3, 3);
    ASSERT_EQ(cluster.change(0, remove(2)), ChangeStart::begun);
    cluster.settle();
    ASSERT_EQ(cluster.change(0, add(2)), ChangeStart::begun);
    EXPECT_EQ(known_of(cluster, 2), LogIndex(0));
    // What its former self still says is not its own.
    const Term term = cluster.core(0).term();
    const LogIndex last = cluster.core(0).log().last_index();
    cluster.inject(2, 0, {term, raft::AppendResponse{true, last, Term(0), LogIndex(0)}});
    EXPECT_EQ(known_of(cluster, 2), LogIndex(0));
}

// Found by the simulator: with fewer voters what was answered before may be enough, and nobody is
// left to answer again.
TEST(Thesis4, AReadIsAnsweredWhenTheMajorityBecomesSmaller) {
    Cluster cluster = led_cluster(2, 2);
    cluster.isolate(1);
    cluster.read(0, 7);
    cluster.settle();
    EXPECT_TRUE(cluster.server(0).reads_ready.empty());
    ASSERT_EQ(cluster.change(0, remove(1)), ChangeStart::begun);
    cluster.settle();
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 1u);
}

// The folders of the members: what tells a server from another one that has its id.

TEST(Folders, AreInTheFirstEntryOfTheFirstLeader) {
    Cluster cluster = Cluster::with_spares(3, 3);
    cluster.introduce_everybody();
    cluster.elect(0);
    EXPECT_EQ(cluster.core(2).members_index(), LogIndex(1));
    for (const Member& member : cluster.core(2).members().members)
        EXPECT_EQ(member.folder, 100 + member.id.value());
    EXPECT_EQ(cluster.core(0).log().last_index(), LogIndex(1));
}

TEST(Folders, AreWrittenDownWhenALeaderHearsOfThem) {
    Cluster cluster = Cluster::with_spares(3, 3);
    cluster.elect(0);
    EXPECT_EQ(cluster.core(1).members().find(NodeId(2))->folder, 0u);
    cluster.introduce_everybody();
    cluster.pass_time_everywhere(100);
    EXPECT_EQ(cluster.core(1).members().find(NodeId(2))->folder, 102u);
    // Another one under the same id is none that belongs to the cluster.
    cluster.core(0).folder_heard({NodeId(2), 999}, cluster.server(0).effects);
    cluster.carry_out(0);
    cluster.pass_time_everywhere(100);
    EXPECT_EQ(cluster.core(1).members().find(NodeId(2))->folder, 102u);
}

// Found by the simulator: a server that came back with an empty disk and its old id replays the
// entries of the time when its former self had a vote, and stood for election on the strength of
// them; and others took its votes and answers for those of the former one.
TEST(Folders, WhoComesBackWithAnotherOneIsNotTheVoterItWas) {
    Cluster cluster = led_cluster(3, 3);
    die(cluster, 2);
    ASSERT_TRUE(cluster.server(2).disk.members);
    cluster.server(2).disk.members->members.members[2].folder = 999;  // its former self's
    cluster.restart(2);
    cluster.isolate(1);
    die(cluster, 0);
    cluster.heal();
    cluster.isolate(1);
    cluster.pass_time_everywhere(3000);
    EXPECT_EQ(cluster.core(2).role(), raft::Role::follower);
}

TEST(Folders, AnswersOfSomebodyElseCountForNothing) {
    Cluster cluster = led_cluster(3, 3);
    cluster.isolate(1);
    cluster.connection_closed(0, 1);
    cluster.core(0).folder_heard({NodeId(2), 999}, cluster.server(0).effects);
    const LogIndex index = cluster.propose(0);
    cluster.settle();
    EXPECT_LT(cluster.core(0).commit(), index);
}

TEST(Folders, ALeaderThatHearsOnlySomebodyElseStepsDown) {
    Cluster cluster = led_cluster(3, 3);
    cluster.isolate(1);
    cluster.cut(0, 2);
    cluster.core(0).folder_heard({NodeId(2), 999}, cluster.server(0).effects);
    for (int i = 0; i < 20; ++i) {
        cluster.pass_time(0, 50);
        cluster.inject(2, 0, {cluster.core(0).term(), raft::SnapshotResponse{LogIndex(1), 0}});
    }
    EXPECT_NE(cluster.core(0).role(), raft::Role::leader);
}

// Two servers without data, one of which should only have been a learner, are no cluster.
TEST(Folders, AServerThatWaitsToJoinGivesNoVotes) {
    Cluster cluster = Cluster::with_spares(4, 3);
    cluster.inject(0, 3, {Term(1), raft::VoteRequest{false, false, LogIndex(0), Term(0)}});
    cluster.sync(3);
    const auto answers = cluster.in_flight(3, 0);
    ASSERT_EQ(answers.size(), 1u);
    EXPECT_FALSE(std::get<raft::VoteResponse>(answers[0].body).granted);
}

TEST(Folders, OfRemovedServersAreRemembered) {
    Cluster cluster = led_cluster(3, 3);
    ASSERT_EQ(cluster.change(0, remove(2)), ChangeStart::begun);
    cluster.pass_time_everywhere(200);
    EXPECT_TRUE(cluster.core(1).members().is_retired(NodeId(2), 102));
    EXPECT_TRUE(cluster.core(2).members().is_retired(NodeId(2), 102));
    ASSERT_EQ(cluster.change(0, add(2)), ChangeStart::begun);
    cluster.pass_time_everywhere(200);
    EXPECT_EQ(cluster.core(1).members().find(NodeId(2))->folder, 0u);  // that one it is not
}

}  // namespace
}  // namespace raftkv::paper
