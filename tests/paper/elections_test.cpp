// Sections 5.1, 5.2, 5.4.1 of the paper; 6.2 and 9.6 of the thesis.
#include <gtest/gtest.h>

#include <variant>

#include "tests/paper/cluster.hpp"

namespace raftkv::paper {
namespace {

using raft::AppendRequest;
using raft::AppendResponse;
using raft::Heartbeat;
using raft::HeartbeatResponse;
using raft::Role;
using raft::VoteRequest;
using raft::VoteResponse;

VoteRequest ask(std::uint64_t last_index, std::uint64_t last_term) {
    return VoteRequest{false, false, LogIndex(last_index), Term(last_term)};
}

// The answer of server 0 to server 1's request for a vote.
VoteResponse vote_of_0(Cluster& cluster, std::uint64_t term, const VoteRequest& request,
                       std::uint32_t from = 1) {
    cluster.inject(from, 0, Message{Term(term), request});
    cluster.sync(0);
    const auto answers = cluster.in_flight(0, from);
    EXPECT_EQ(answers.size(), 1u);
    cluster.drop_in_flight();
    if (answers.empty()) return {};
    return std::get<VoteResponse>(answers.front().body);
}

TEST(Paper51, AServerWithAStaleTermBecomesAFollowerAndTakesTheNewTerm) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.inject(1, 0,
                   Message{Term(7), AppendResponse{false, LogIndex(1), Term(0), LogIndex(1)}});
    EXPECT_EQ(cluster.core(0).role(), Role::follower);
    EXPECT_EQ(cluster.core(0).term(), Term(7));
}

TEST(Paper51, ARequestWithAStaleTermIsRefusedWithThePresentTerm) {
    Cluster cluster(3);
    cluster.put_on_disk(0, {}, 5);
    cluster.drop_in_flight();
    cluster.inject(1, 0, Message{Term(3), AppendRequest{}});
    cluster.inject(2, 0, Message{Term(3), Heartbeat{LogIndex(0), 9}});
    ASSERT_EQ(cluster.in_flight(0, 1).size(), 1u);
    EXPECT_EQ(cluster.in_flight(0, 1)[0].term, Term(5));
    EXPECT_FALSE(std::get<AppendResponse>(cluster.in_flight(0, 1)[0].body).accepted);
    ASSERT_EQ(cluster.in_flight(0, 2).size(), 1u);
    EXPECT_EQ(cluster.in_flight(0, 2)[0].term, Term(5));
    // The echo of a stale round confirms nothing.
    EXPECT_EQ(std::get<HeartbeatResponse>(cluster.in_flight(0, 2)[0].body).round, 0u);
    EXPECT_EQ(cluster.core(0).leader(), std::nullopt);
}

TEST(Paper52, AFollowerThatHearsNothingForAnElectionTimeoutStartsAnElection) {
    Cluster cluster(3);
    cluster.pass_time(0, 140);
    EXPECT_EQ(cluster.core(0).role(), Role::follower);
    cluster.pass_time(0, 170);
    EXPECT_EQ(cluster.core(0).role(), Role::pre_candidate);
}

TEST(Paper52, ACandidateVotesForItselfOnDiskBeforeItAsksOthers) {
    Cluster cluster(3);
    cluster.pass_time(0, 300);
    cluster.deliver(0, 1);
    cluster.deliver(1, 0);  // the pre-vote is granted
    ASSERT_EQ(cluster.core(0).role(), Role::candidate);
    cluster.drop_in_flight();
    EXPECT_TRUE(cluster.in_flight(0, 1).empty());
    cluster.sync(0);
    ASSERT_EQ(cluster.in_flight(0, 1).size(), 1u);
    EXPECT_FALSE(std::get<VoteRequest>(cluster.in_flight(0, 1)[0].body).pre);
    EXPECT_EQ(cluster.server(0).disk.hard.term, Term(1));
    EXPECT_EQ(cluster.server(0).disk.hard.vote, NodeId(0));
}

TEST(Paper52, ACandidateWinsWithAMajorityAndItsOwnVoteCountsOnlyOnceItIsDurable) {
    Cluster cluster(3);
    cluster.pass_time(0, 300);
    cluster.deliver(0, 1);
    cluster.deliver(1, 0);
    ASSERT_EQ(cluster.core(0).role(), Role::candidate);
    // A vote from elsewhere arrives while our own is still on its way to the disk.
    cluster.inject(1, 0, Message{Term(1), VoteResponse{false, true}});
    EXPECT_EQ(cluster.core(0).role(), Role::candidate);
    cluster.sync(0);
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
}

TEST(Paper52, OneVotePerTermFirstComeFirstServed) {
    Cluster cluster(3);
    EXPECT_TRUE(vote_of_0(cluster, 1, ask(0, 0), 1).granted);
    EXPECT_FALSE(vote_of_0(cluster, 1, ask(0, 0), 2).granted);
    EXPECT_TRUE(vote_of_0(cluster, 1, ask(0, 0), 1).granted) << "a repeated request";
    EXPECT_TRUE(vote_of_0(cluster, 2, ask(0, 0), 2).granted) << "a new term, a new vote";
}

TEST(Paper52, AVoteIsOnDiskBeforeItIsAnsweredAndSurvivesARestart) {
    Cluster cluster(3);
    cluster.inject(1, 0, Message{Term(1), ask(0, 0)});
    EXPECT_TRUE(cluster.in_flight(0, 1).empty()) << "answered before the disk had it";
    cluster.sync(0);
    ASSERT_EQ(cluster.in_flight(0, 1).size(), 1u);
    cluster.restart(0);
    cluster.drop_in_flight();
    EXPECT_FALSE(vote_of_0(cluster, 1, ask(0, 0), 2).granted);
}

TEST(Paper52, AVoteThatWasNotSyncedWasNotGiven) {
    Cluster cluster(3);
    cluster.inject(1, 0, Message{Term(1), ask(0, 0)});
    cluster.restart(0);  // power went before the sync
    EXPECT_TRUE(cluster.in_flight(0, 1).empty());
    EXPECT_TRUE(vote_of_0(cluster, 1, ask(0, 0), 2).granted);
}

TEST(Paper52, ACandidateYieldsToALeaderOfItsTermAndKeepsItsVote) {
    Cluster cluster(3);
    cluster.pass_time(0, 300);
    cluster.deliver(0, 1);
    cluster.deliver(1, 0);
    ASSERT_EQ(cluster.core(0).role(), Role::candidate);
    cluster.inject(2, 0, Message{Term(1), Heartbeat{LogIndex(0), 1}});
    EXPECT_EQ(cluster.core(0).role(), Role::follower);
    EXPECT_EQ(cluster.core(0).leader(), NodeId(2));
    cluster.drop_in_flight();
    cluster.sync(0);
    cluster.drop_in_flight();
    // The vote of this term is still its own.
    cluster.connection_closed(0, 2);
    EXPECT_FALSE(vote_of_0(cluster, 1, ask(9, 9), 1).granted);
}

TEST(Paper52, ALeaderSendsHeartbeatsThatKeepFollowersFromCampaigning) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.pass_time_everywhere(2000);
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
    EXPECT_EQ(cluster.core(0).term(), Term(1));
    EXPECT_EQ(cluster.core(1).leader(), NodeId(0));
    EXPECT_EQ(cluster.core(2).leader(), NodeId(0));
}

TEST(Paper52, ASplitVoteIsFollowedByANewElectionThatSomebodyWins) {
    Cluster cluster(4);
    // 0 and 1 campaign at once; 2 votes for 0, 3 for 1.
    cluster.cut(0, 1);
    cluster.cut(0, 3);
    cluster.cut(1, 2);
    cluster.pass_time(0, 300);
    cluster.pass_time(1, 300);
    cluster.settle();
    EXPECT_EQ(cluster.leader_of_term(1), std::nullopt);
    cluster.heal();
    cluster.pass_time_everywhere(2000);
    int leaders = 0;
    for (std::uint32_t id = 0; id < 4; ++id) leaders += cluster.core(id).role() == Role::leader;
    EXPECT_EQ(leaders, 1);
}

// A disk can take longer than an election timeout. If candidates gave up meanwhile, or voters stood
// for election themselves, every vote would be void before it is given.
TEST(Paper52, ACandidateWaitsForItsOwnDiskHoweverLongThatTakes) {
    Cluster cluster(3);
    cluster.stall_disk(0);
    cluster.pass_time(0, 301);
    cluster.settle();
    ASSERT_EQ(cluster.core(0).role(), Role::candidate);
    cluster.pass_time(0, 3000);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).term(), Term(1));
    EXPECT_EQ(cluster.core(0).role(), Role::candidate);
    cluster.unstall_disk(0);
    cluster.settle();
    EXPECT_EQ(cluster.leader_of_term(1), 0u);
}

TEST(Paper52, AVoterDoesNotCampaignBeforeItsVoteCanBeHeard) {
    Cluster cluster(3);
    cluster.stall_disk(1);
    cluster.stall_disk(2);
    cluster.pass_time(0, 301);
    cluster.settle();
    ASSERT_EQ(cluster.core(1).term(), Term(1));
    cluster.pass_time(1, 3000);
    cluster.settle();
    EXPECT_EQ(cluster.core(1).term(), Term(1));
    EXPECT_EQ(cluster.core(1).role(), Role::follower);
    cluster.unstall_disk(1);
    cluster.settle();
    EXPECT_EQ(cluster.leader_of_term(1), 0u);
}

TEST(Paper52, ACandidateIsMorePatientEachTimeThatTooFewAnswer) {
    Cluster cluster(3);
    std::vector<std::int64_t> patience;
    for (int election = 0; election < 5; ++election) {
        while (cluster.core(0).role() != Role::candidate) {
            cluster.pass_time(0, 10);
            cluster.deliver(0, 1);  // they grant pre-votes, and their votes never arrive
            cluster.deliver(1, 0);
        }
        cluster.sync(0);
        cluster.drop_in_flight();
        std::int64_t waited = 0;
        while (cluster.core(0).role() == Role::candidate) {
            cluster.pass_time(0, 10);
            waited += 10;
        }
        patience.push_back(waited);
    }
    EXPECT_LE(patience[0], 310);
    EXPECT_GE(patience[1], 300);
    EXPECT_GE(patience[2], 600);
    EXPECT_GE(patience[3], 1200);
    EXPECT_LE(patience[4], 2410);
    cluster.pass_time(0, 310);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
}

TEST(Paper52, AClusterOfOneElectsItself) {
    Cluster cluster(1);
    cluster.elect(0);
    EXPECT_EQ(cluster.core(0).commit(), LogIndex(1)) << "the no-op of its term";
}

// 5.4.1: the voter denies its vote if its own log is more up to date.
struct UpToDateCase {
    const char* name;
    Terms voter;
    std::uint64_t last_index, last_term;
    bool granted;
};

class Paper541 : public testing::TestWithParam<UpToDateCase> {};

TEST_P(Paper541, TheVoterComparesLastTermsFirstAndThenLengths) {
    const UpToDateCase& c = GetParam();
    Cluster cluster(3);
    cluster.put_on_disk(0, c.voter, 5);
    cluster.drop_in_flight();
    EXPECT_EQ(vote_of_0(cluster, 6, ask(c.last_index, c.last_term)).granted, c.granted);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Paper541,
    testing::Values(UpToDateCase{"both_empty", {}, 0, 0, true},
                    UpToDateCase{"equal", {1, 2}, 2, 2, true},
                    UpToDateCase{"longer", {1, 2}, 3, 2, true},
                    UpToDateCase{"shorter", {1, 2, 2}, 2, 2, false},
                    UpToDateCase{"later_term_but_shorter", {1, 2, 2}, 1, 3, true},
                    UpToDateCase{"earlier_term_but_longer", {1, 3}, 9, 2, false},
                    UpToDateCase{"empty_against_some", {1}, 0, 0, false}),
    [](const auto& param) { return param.param.name; });

TEST(Thesis96, APreVoteChangesNoTermAndNoVote) {
    Cluster cluster(3);
    cluster.inject(1, 0, Message{Term(9), VoteRequest{true, false, LogIndex(0), Term(0)}});
    ASSERT_EQ(cluster.in_flight(0, 1).size(), 1u);
    EXPECT_TRUE(std::get<VoteResponse>(cluster.in_flight(0, 1)[0].body).granted);
    EXPECT_EQ(cluster.core(0).term(), Term(0));
    EXPECT_TRUE(cluster.server(0).disk.unsynced.empty());
}

TEST(Thesis96, AServerThatWasCutOffComesBackWithoutDisturbingTheLeader) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.isolate(2);
    cluster.pass_time_everywhere(5000);
    EXPECT_EQ(cluster.core(2).term(), Term(1)) << "no election was won, so no term was used up";
    cluster.heal();
    cluster.pass_time_everywhere(1000);
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
    EXPECT_EQ(cluster.core(0).term(), Term(1));
    EXPECT_EQ(cluster.core(2).leader(), NodeId(0));
}

TEST(Thesis96, AServerWithAHigherTermAndAShorterLogCatchesUpInsteadOfStayingOutside) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.put_on_disk(2, {}, 40);
    cluster.pass_time_everywhere(3000);
    std::uint32_t leader = 3;
    for (std::uint32_t id = 0; id < 3; ++id)
        if (cluster.core(id).role() == Role::leader) leader = id;
    ASSERT_NE(leader, 3u);
    EXPECT_GT(cluster.core(leader).term(), Term(39));
    EXPECT_EQ(cluster.log_terms(2), cluster.log_terms(leader));
}

TEST(Thesis62, FollowersThatHearFromALeaderRefuseToReplaceIt) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.pass_time_everywhere(100);
    cluster.inject(2, 1, Message{Term(5), ask(9, 9)});
    cluster.sync(1);
    EXPECT_EQ(cluster.core(1).term(), Term(1));
    ASSERT_FALSE(cluster.in_flight(1, 2).empty());
    EXPECT_FALSE(std::get<VoteResponse>(cluster.in_flight(1, 2)[0].body).granted);
}

TEST(Thesis62, ALeaderThatReachesNoMajorityStepsDown) {
    Cluster cluster(5);
    cluster.elect(0);
    cluster.cut(0, 1);
    cluster.cut(0, 2);
    cluster.pass_time_everywhere(100);
    EXPECT_EQ(cluster.core(0).role(), Role::leader) << "three of five is a majority";
    cluster.cut(0, 3);
    cluster.pass_time_everywhere(500);
    EXPECT_NE(cluster.core(0).role(), Role::leader);
}

TEST(ACrashIsNotASilence, FollowersOfALeaderWhoseConnectionClosedElectAtOnce) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.crash(0);
    cluster.connection_closed(1, 0);
    cluster.connection_closed(2, 0);
    EXPECT_EQ(cluster.core(1).leader(), std::nullopt) << "never names a leader that is gone";
    cluster.pass_time_everywhere(60);
    EXPECT_TRUE(cluster.leader_of_term(2).has_value()) << "long before an election timeout";
}

TEST(ACrashIsNotASilence, OfTwoThatAskAtTheSameTimeOneYields) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.crash(0);
    cluster.connection_closed(1, 0);
    cluster.connection_closed(2, 0);
    cluster.pass_time(1, 20);
    cluster.pass_time(2, 20);
    ASSERT_EQ(cluster.core(1).role(), Role::pre_candidate);
    ASSERT_EQ(cluster.core(2).role(), Role::pre_candidate);
    cluster.settle();
    EXPECT_EQ(cluster.leader_of_term(2), 1u) << "no split vote, no second round";
}

// Server 1 notices at once that the leader is gone, and asks 2, which still hears from it. Then 2
// notices, too.
void notice_one_after_the_other(Cluster& cluster) {
    cluster.crash(0);
    cluster.connection_closed(1, 0);
    cluster.pass_time(1, 16);
    ASSERT_EQ(cluster.core(1).role(), Role::pre_candidate);
    cluster.settle();
    ASSERT_EQ(cluster.core(1).role(), Role::pre_candidate) << "2 refused";
    cluster.connection_closed(2, 0);
    cluster.pass_time(2, 16);
    cluster.settle();
}

TEST(ACrashIsNotASilence, WhoeverAsksTooEarlyIsHeardOnceTheOtherHasNoticed) {
    Cluster cluster(3);
    cluster.elect(0);
    ASSERT_NO_FATAL_FAILURE(notice_one_after_the_other(cluster));
    EXPECT_EQ(cluster.leader_of_term(2), 1u) << "which goes first";
}

TEST(ACrashIsNotASilence, TheOnlyOneThatCanWinMayAskTooEarly) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.propose(0);
    cluster.deliver(0, 1);
    cluster.sync(1);
    cluster.drop_in_flight();
    ASSERT_GT(cluster.log_terms(1).size(), cluster.log_terms(2).size());
    ASSERT_NO_FATAL_FAILURE(notice_one_after_the_other(cluster));
    EXPECT_EQ(cluster.leader_of_term(2), 1u) << "the other has the shorter log";
}

TEST(ACrashIsNotASilence, ABrokenConnectionToALivingLeaderChangesNothing) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.pass_time_everywhere(100);
    cluster.connection_closed(1, 0);
    cluster.pass_time_everywhere(1000);
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
    EXPECT_EQ(cluster.core(0).term(), Term(1));
    EXPECT_EQ(cluster.core(1).leader(), NodeId(0));
}

TEST(AStalledProcess, DoesNotTakeItsOwnAbsenceForTheLeadersSilence) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.pass_time_everywhere(100);
    raft::Effects effects;
    cluster.core(1).set_time(MonotonicMs(1'000'000));  // stopped for a long while
    cluster.core(1).tick(effects);
    EXPECT_EQ(cluster.core(1).role(), Role::follower);
    EXPECT_TRUE(effects.send_now.empty());
}

}  // namespace
}  // namespace raftkv::paper
