// Sections 5.3 and 5.4.2 of the paper, 10.2.1 of the thesis, and what goes wrong around them.
#include <gtest/gtest.h>

#include <variant>

#include "tests/paper/cluster.hpp"

namespace raftkv::paper {
namespace {

using raft::AppendRequest;
using raft::AppendResponse;
using raft::Heartbeat;
using raft::Role;
using raft::VoteResponse;

Entry entry(std::uint64_t index, std::uint64_t term) {
    return {LogIndex(index), Term(term), EntryKind::command, SharedBytes::copy_of("x")};
}

// Server 1, as leader of `term`, sends entries to server 0.
void append(Cluster& cluster, std::uint64_t term, std::uint64_t prev_index, std::uint64_t prev_term,
            const Terms& terms, std::uint64_t commit = 0) {
    AppendRequest request{LogIndex(prev_index), Term(prev_term), LogIndex(commit), {}};
    for (std::size_t i = 0; i < terms.size(); ++i)
        request.entries.push_back(entry(prev_index + 1 + i, terms[i]));
    cluster.inject(1, 0, Message{Term(term), request});
}

AppendResponse answer_of_0(Cluster& cluster) {
    cluster.sync(0);
    const auto answers = cluster.in_flight(0, 1);
    cluster.drop_in_flight();
    EXPECT_EQ(answers.size(), 1u);
    if (answers.size() != 1) return {};
    return std::get<AppendResponse>(answers[0].body);
}

TEST(Paper53, EntriesAreRefusedWhenThePrecedingOneDoesNotMatch) {
    Cluster cluster(3);
    cluster.put_on_disk(0, {1, 1, 2}, 2);
    cluster.drop_in_flight();
    append(cluster, 3, 5, 3, {3});
    AppendResponse answer = answer_of_0(cluster);
    EXPECT_FALSE(answer.accepted);
    EXPECT_EQ(answer.conflict_term, Term(0)) << "the log is too short";
    EXPECT_EQ(answer.conflict_index, LogIndex(4));
    append(cluster, 3, 2, 3, {3});
    answer = answer_of_0(cluster);
    EXPECT_FALSE(answer.accepted);
    EXPECT_EQ(answer.conflict_term, Term(1));
    EXPECT_EQ(answer.conflict_index, LogIndex(1)) << "the first index of the conflicting term";
    EXPECT_EQ(cluster.log_terms(0), (Terms{1, 1, 2}));
}

TEST(Paper53, AConflictingEntryGoesAndAllThatFollowIt) {
    Cluster cluster(3);
    cluster.put_on_disk(0, {1, 1, 2, 2, 2}, 2);
    cluster.drop_in_flight();
    append(cluster, 3, 2, 1, {3});
    EXPECT_TRUE(answer_of_0(cluster).accepted);
    EXPECT_EQ(cluster.log_terms(0), (Terms{1, 1, 3}));
    EXPECT_EQ(cluster.server(0).disk.log.size(), 3u);
}

TEST(Paper53, AnOldRequestDoesNotTruncateWhatCameAfterIt) {
    Cluster cluster(3);
    append(cluster, 1, 0, 0, {1, 1, 1, 1});
    EXPECT_EQ(answer_of_0(cluster).index, LogIndex(4));
    append(cluster, 1, 0, 0, {1, 1});  // reordered or repeated by the network
    EXPECT_EQ(answer_of_0(cluster).index, LogIndex(2));
    EXPECT_EQ(cluster.log_terms(0), (Terms{1, 1, 1, 1}));
}

TEST(Paper53, AnAppendIsAcknowledgedOnlyOnceItIsDurable) {
    Cluster cluster(3);
    append(cluster, 1, 0, 0, {1});
    EXPECT_TRUE(cluster.in_flight(0, 1).empty());
    EXPECT_TRUE(answer_of_0(cluster).accepted);
}

TEST(Paper53, AFollowerCommitsNothingBeyondWhatTheMessageVouchesFor) {
    Cluster cluster(3);
    cluster.put_on_disk(0, {1, 1, 1, 1}, 1);
    cluster.drop_in_flight();
    append(cluster, 2, 2, 1, {}, 4);  // entries 3 and 4 may differ from the leader's
    EXPECT_EQ(cluster.core(0).commit(), LogIndex(2));
    cluster.inject(1, 0, Message{Term(2), Heartbeat{LogIndex(2), 1}});
    EXPECT_EQ(cluster.core(0).commit(), LogIndex(2));
}

TEST(Paper53, ACommitIndexBeyondTheLogIsNotBelieved) {
    Cluster cluster(3);
    cluster.inject(1, 0, Message{Term(2), Heartbeat{LogIndex(900), 1}});
    EXPECT_EQ(cluster.core(0).commit(), LogIndex(0));
}

TEST(Paper53, ALeaderCommitsWhatAMajorityHasOnDisk) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.isolate(2);
    const LogIndex index = cluster.propose(0);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).commit(), index);
    cluster.isolate(1);
    cluster.propose(0);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).commit(), index) << "a leader alone commits nothing";
}

TEST(Thesis1021, TheLeaderCountsItselfOnlyWhenItsOwnDiskIsDone) {
    Cluster cluster(3);
    cluster.elect(0);
    const LogIndex before = cluster.core(0).commit();
    cluster.stall_disk(0);
    cluster.isolate(2);
    const LogIndex index = cluster.propose(0);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).followers()[0].match_index, index) << "server 1 has it";
    EXPECT_EQ(cluster.core(0).commit(), before) << "one durable copy of three";
    cluster.unstall_disk(0);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).commit(), index);
}

TEST(Thesis1021, TwoFollowersAreAMajorityWithoutTheLeadersDisk) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.stall_disk(0);
    const LogIndex index = cluster.propose(0);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).commit(), index);
    EXPECT_LT(cluster.core(0).durable_index(), index);
}

TEST(Thesis1021, AClusterOfOneCommitsOnlyWhatIsOnItsDisk) {
    Cluster cluster(1);
    cluster.elect(0);
    const LogIndex before = cluster.core(0).commit();
    cluster.stall_disk(0);
    cluster.propose(0);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).commit(), before);
}

TEST(Pipelining, ManyMessagesAreOnTheirWayAndALostOneIsFoundOut) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.isolate(2);
    cluster.propose(0, "a");
    cluster.propose(0, "b");
    EXPECT_EQ(cluster.in_flight(0, 1).size(), 2u) << "the second does not wait for the first";
    cluster.drop_in_flight();  // both are lost
    const LogIndex last = cluster.propose(0, "c");
    cluster.settle();
    EXPECT_EQ(cluster.core(0).commit(), last) << "the refusal of c brought a and b again";
    EXPECT_EQ(cluster.log_terms(1), cluster.log_terms(0));
}

TEST(Pipelining, WhatIsLostWithNothingBehindItIsSentAgainAfterAWhile) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    const LogIndex last = cluster.propose(0);
    cluster.drop_in_flight();
    cluster.pass_time_everywhere(600);
    EXPECT_EQ(cluster.core(0).commit(), last);
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
}

// Each read round is a heartbeat, too, and puts off the next one.
TEST(Pipelining, WhatIsLostIsSentAgainAlsoWhileReadsFlow) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    const LogIndex last = cluster.propose(0);
    cluster.drop_in_flight();
    for (std::uint64_t read = 1; read <= 50; ++read) {
        cluster.pass_time_everywhere(10);
        cluster.read(0, read);
        cluster.settle();
    }
    EXPECT_EQ(cluster.core(1).log().last_index(), last);
    EXPECT_EQ(cluster.core(2).log().last_index(), last);
}

TEST(Pipelining, AProbeThatIsLostAsksTheSameAgain) {
    Cluster cluster(3);
    for (std::uint32_t id = 0; id < 3; ++id) cluster.put_on_disk(id, {1, 1, 1, 1, 1, 1}, 1);
    cluster.isolate(2);
    cluster.elect(0);
    int probes = 0;
    for (int i = 0; i < 80; ++i) {
        cluster.pass_time(0, 10);
        for (const Message& message : cluster.in_flight(0, 2)) {
            const auto* append = std::get_if<raft::AppendRequest>(&message.body);
            if (append == nullptr) continue;
            ++probes;
            EXPECT_EQ(append->prev_index, LogIndex(6)) << "the whole log would follow";
        }
        cluster.settle();
    }
    EXPECT_GT(probes, 0);
}

TEST(Pipelining, MatchIndexNeverGoesBackWhenAnswersAreReordered) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.propose(0);
    cluster.settle();
    const LogIndex match = cluster.core(0).followers()[0].match_index;
    cluster.inject(1, 0, Message{Term(1), AppendResponse{true, LogIndex(1), Term(0), LogIndex(0)}});
    cluster.inject(1, 0,
                   Message{Term(1), AppendResponse{false, LogIndex(1), Term(0), LogIndex(1)}});
    EXPECT_EQ(cluster.core(0).followers()[0].match_index, match);
}

TEST(StorageCompletions, AWriteThatWasTruncatedMeanwhileDoesNotCount) {
    Cluster cluster(3);
    cluster.stall_disk(0);
    append(cluster, 1, 0, 0, {1, 1, 1});
    append(cluster, 2, 1, 1, {2});  // a new leader replaces 2 and 3 before they were synced
    raft::Effects effects;
    cluster.core(0).persisted(1, effects);
    EXPECT_EQ(cluster.core(0).durable_index(), LogIndex(1)) << "2 of term 1 is not our 2";
    cluster.core(0).persisted(2, effects);
    EXPECT_EQ(cluster.core(0).durable_index(), LogIndex(2));
}

TEST(HostileMessages, CommittedEntriesCannotBeTruncatedByAnybody) {
    Cluster cluster(3);
    append(cluster, 1, 0, 0, {1, 1}, 2);
    EXPECT_EQ(answer_of_0(cluster).index, LogIndex(2));
    append(cluster, 2, 0, 0, {2, 2});
    cluster.sync(0);
    EXPECT_EQ(cluster.log_terms(0), (Terms{1, 1}));
}

TEST(Contradictions, AreKnownWhileThatLeaderLeads) {
    using Kind = raft::Contradiction::Kind;
    Cluster cluster(3);
    append(cluster, 1, 0, 0, {1, 1}, 2);
    cluster.sync(0);
    EXPECT_FALSE(cluster.core(0).contradiction());
    append(cluster, 2, 0, 0, {2, 2});
    const auto found = cluster.core(0).contradiction();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, Kind::other_entry);
    EXPECT_EQ(found->leader, NodeId(1));
    EXPECT_EQ(found->index, LogIndex(1));
    EXPECT_EQ(found->ours, Term(1));
    EXPECT_EQ(found->theirs, Term(2));
    append(cluster, 2, 2, 2, {2});
    EXPECT_EQ(cluster.core(0).contradiction(), found) << "the entry before is another one, too";
    append(cluster, 3, 2, 1, {3});
    EXPECT_FALSE(cluster.core(0).contradiction()) << "a leader that agrees";
}

TEST(Contradictions, ASnapshotOfAnotherEntryIsOne) {
    Cluster cluster(3);
    append(cluster, 1, 0, 0, {1, 1}, 2);
    cluster.sync(0);
    cluster.drop_in_flight();
    const raft::SnapshotInfo info{{LogIndex(2), Term(2)}, 1000};
    cluster.inject(1, 0, Message{Term(2), raft::SnapshotChunk{info, 0, {}}});
    ASSERT_TRUE(cluster.core(0).contradiction());
    EXPECT_EQ(cluster.core(0).contradiction()->index, LogIndex(2));
    cluster.sync(0);
    EXPECT_TRUE(cluster.in_flight(0, 1).empty()) << "it must not say that all is well up to there";
}

TEST(Contradictions, WhatIsKnownToBeAcknowledgedAndIsNotThereIsMissed) {
    using Kind = raft::Contradiction::Kind;
    Cluster cluster(3);
    append(cluster, 1, 0, 0, {1, 1}, 1);
    cluster.inject(1, 0, Message{Term(1), Heartbeat{LogIndex(2), 1}});
    EXPECT_FALSE(cluster.core(0).contradiction());
    cluster.inject(1, 0, Message{Term(1), Heartbeat{LogIndex(5), 2}});
    const auto found = cluster.core(0).contradiction();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, Kind::lost_tail);
    EXPECT_EQ(found->index, LogIndex(5));
    EXPECT_EQ(found->last, LogIndex(2));
    cluster.inject(1, 0, Message{Term(1), Heartbeat{LogIndex(2), 3}});
    EXPECT_FALSE(cluster.core(0).contradiction());
}

TEST(HostileMessages, AnswersAboutEntriesThatWereNeverSentAreIgnored) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    const LogIndex commit = cluster.core(0).commit();
    for (const std::uint64_t index : {9ULL, 1ULL << 40, ~0ULL}) {
        const LogIndex far(index);
        cluster.inject(1, 0, Message{Term(1), AppendResponse{true, far, Term(0), LogIndex(0)}});
        cluster.inject(1, 0, Message{Term(1), AppendResponse{false, far, Term(0), far}});
        cluster.inject(1, 0, Message{Term(1), AppendResponse{false, far, Term(1), LogIndex(1)}});
    }
    EXPECT_EQ(cluster.core(0).commit(), commit);
    const LogIndex last = cluster.propose(0);
    cluster.settle();
    EXPECT_EQ(cluster.core(0).commit(), last);
}

TEST(HostileMessages, VotesOfStrangersCountForNothing) {
    Cluster cluster(3);
    cluster.isolate(0);
    cluster.pass_time(0, 700);
    cluster.sync(0);
    for (const std::uint32_t stranger : {77u, 78u, 79u}) {
        cluster.core(0).receive(NodeId(stranger), Message{Term(1), VoteResponse{true, true}},
                                cluster.server(0).effects);
        cluster.carry_out(0);
    }
    EXPECT_EQ(cluster.core(0).role(), Role::pre_candidate);
    EXPECT_EQ(cluster.core(0).term(), Term(0));
}

// Each term is written down.
TEST(HostileMessages, TermsAreTakenAtABoundedRate) {
    Cluster cluster(3);
    const auto flood = [&] {
        const std::uint64_t before = cluster.core(0).term().value();
        for (int i = 0; i < 1000; ++i)
            cluster.inject(1, 0, Message{cluster.core(0).term() + 1, VoteResponse{false, false}});
        return cluster.core(0).term().value() - before;
    };
    EXPECT_EQ(flood(), 65u);
    EXPECT_EQ(flood(), 0u);
    cluster.pass_time(0, 50);
    EXPECT_LE(flood(), 2u);
    cluster.sync(0);
}

// There are only so many.
TEST(HostileMessages, TermsAreTakenByBoundedLeaps) {
    Cluster cluster(3);
    constexpr std::uint64_t most = 1ULL << 48;
    const auto say = [&](Term term) {
        cluster.inject(1, 0, Message{term, VoteResponse{false, false}});
        return cluster.core(0).term();
    };
    EXPECT_EQ(say(Term(UINT64_MAX)), Term(0));
    EXPECT_EQ(say(Term(most + 1)), Term(0));
    EXPECT_EQ(say(Term(most)), Term(most));
    EXPECT_EQ(say(Term(most + 1)), Term(most));
    cluster.pass_time(0, 1);
    EXPECT_EQ(say(Term(most + 1)), Term(most + 1)) << "elections go on";
    cluster.sync(0);
}

// However far apart two servers are: neither stays deaf to the other.
TEST(HostileMessages, WhoIsFarAheadIsHeardInTheEnd) {
    Cluster cluster(3);
    cluster.put_on_disk(2, {}, 1ULL << 40);
    cluster.pass_time_everywhere(20'000);
    bool led = false;
    for (std::uint32_t id = 0; id < 3; ++id) led |= cluster.core(id).role() == Role::leader;
    EXPECT_TRUE(led);
    for (std::uint32_t id = 0; id < 3; ++id) EXPECT_GE(cluster.core(id).term(), Term(1ULL << 40));
}

TEST(NoSpace, AFollowerWhoseLogIsFullTakesNoEntriesAndSaysNothing) {
    Cluster cluster(3);
    raft::Effects effects;
    cluster.core(0).log_has_room(false, effects);
    append(cluster, 1, 0, 0, {1});
    cluster.sync(0);
    EXPECT_TRUE(cluster.in_flight(0, 1).empty());
    cluster.core(0).log_has_room(true, effects);
    append(cluster, 1, 0, 0, {1});
    EXPECT_TRUE(answer_of_0(cluster).accepted);
}

TEST(NoSpace, ALeaderWhoseLogIsFullTakesNoProposalsAndHandsOver) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.core(0).log_has_room(false, cluster.server(0).effects);
    cluster.carry_out(0);
    EXPECT_FALSE(cluster.core(0).takes_proposals());
    cluster.settle();
    EXPECT_NE(cluster.core(0).role(), Role::leader);
    EXPECT_TRUE(cluster.leader_of_term(2).has_value());
}

TEST(LogCache, EntriesThatLeftMemoryAreFetchedFromDiskForALaggingFollower) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.isolate(2);
    const std::string big(1 << 20, 'v');
    for (int i = 0; i < 40; ++i) cluster.propose(0, big), cluster.settle();
    cluster.core(0).applied(cluster.core(0).commit());
    EXPECT_LE(cluster.core(0).log().cache_bytes(), 16u << 20);
    cluster.heal();
    raft::Effects& effects = cluster.server(0).effects;
    cluster.core(0).peer_disconnected(NodeId(2), effects);
    cluster.core(0).peer_connected(NodeId(2), effects);
    cluster.carry_out(0);
    for (int i = 0; i < 2; ++i) cluster.deliver(0, 2), cluster.sync(2);
    cluster.core(2).tick(cluster.server(2).effects);
    for (const Message& message : cluster.in_flight(2, 0)) {
        cluster.core(0).receive(NodeId(2), message, effects);
    }
    ASSERT_EQ(effects.fetches.size(), 1u);
    const raft::EntryFetch fetch = effects.fetches[0];
    EXPECT_EQ(fetch.follower, NodeId(2));
    const auto& disk = cluster.server(0).disk.log;
    ASSERT_LT(fetch.from, cluster.core(0).log().first_cached());
    effects.clear();
    cluster.core(0).entries_fetched(NodeId(2), {disk[fetch.from.value() - 1]}, effects);
    ASSERT_FALSE(effects.send_now.empty());
    const auto& sent = std::get<AppendRequest>(effects.send_now[0].message.body);
    EXPECT_EQ(sent.prev_index, fetch.from - 1);
    EXPECT_EQ(effects.fetches.size(), 1u) << "and the next piece is asked for";
}

}  // namespace
}  // namespace raftkv::paper
