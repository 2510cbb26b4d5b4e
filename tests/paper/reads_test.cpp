// Linearizable reads: thesis 6.4.
#include <gtest/gtest.h>

#include <variant>

#include "tests/paper/cluster.hpp"

namespace raftkv::paper {
namespace {

using raft::Role;

TEST(Thesis64, AReadWaitsForTheFirstCommitOfTheTerm) {
    Cluster cluster(3);
    cluster.stall_disk(1);
    cluster.stall_disk(2);
    // Votes need disks too, so let those through by hand and stall what comes after.
    cluster.unstall_disk(1);
    cluster.pass_time(0, 300);
    cluster.deliver(0, 1);
    cluster.deliver(1, 0);
    cluster.sync(0);
    cluster.deliver(0, 1);
    cluster.sync(1);
    cluster.stall_disk(1);
    cluster.deliver(1, 0);
    ASSERT_EQ(cluster.core(0).role(), Role::leader);
    cluster.read(0, 5);
    cluster.settle();
    EXPECT_TRUE(cluster.server(0).reads_ready.empty()) << "nothing of this term is committed";
    cluster.unstall_disk(1);
    cluster.settle();
    ASSERT_EQ(cluster.server(0).reads_ready.size(), 1u);
    EXPECT_EQ(cluster.server(0).reads_ready[0].read_id, 5u);
    EXPECT_GE(cluster.server(0).reads_ready[0].index, cluster.core(0).term_start());
}

TEST(Thesis64, AReadIsConfirmedByAMajorityThatIsAskedAfterItArrived) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.read(0, 1);
    EXPECT_TRUE(cluster.server(0).reads_ready.empty());
    cluster.settle();
    ASSERT_EQ(cluster.server(0).reads_ready.size(), 1u);
    EXPECT_EQ(cluster.server(0).reads_ready[0].index, cluster.core(0).commit());
}

TEST(Thesis64, AnAnswerToAnEarlierRoundConfirmsNothing) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.pass_time(0, 60);  // a heartbeat, before the read
    const auto before = cluster.in_flight(0, 1);
    ASSERT_FALSE(before.empty());
    const auto round = std::get<raft::Heartbeat>(before.back().body).round;
    cluster.drop_in_flight();
    cluster.read(0, 1);
    cluster.inject(1, 0, Message{Term(1), raft::HeartbeatResponse{round}});
    cluster.inject(2, 0, Message{Term(1), raft::HeartbeatResponse{round}});
    EXPECT_TRUE(cluster.server(0).reads_ready.empty());
    cluster.inject(1, 0, Message{Term(1), raft::HeartbeatResponse{round + 1000}});
    EXPECT_TRUE(cluster.server(0).reads_ready.empty()) << "a round that was never asked";
    cluster.settle();
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 1u);
}

TEST(Thesis64, AReadOfADeposedLeaderIsNeverAnswered) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.isolate(0);
    cluster.connection_closed(1, 0);
    cluster.connection_closed(2, 0);
    cluster.elect(1);
    cluster.propose(1);
    cluster.settle();
    cluster.read(0, 1);  // it still believes in itself
    cluster.settle();
    EXPECT_TRUE(cluster.server(0).reads_ready.empty());
    cluster.heal();
    cluster.pass_time_everywhere(200);
    EXPECT_TRUE(cluster.server(0).reads_ready.empty());
    EXPECT_EQ(cluster.server(0).reads_dropped, (std::vector<std::uint64_t>{1}));
}

TEST(Thesis64, ReadsThatArriveTogetherShareARoundAndLaterOnesTheNext) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    raft::Effects& effects = cluster.server(0).effects;
    cluster.core(0).read(1, effects);
    cluster.core(0).read(2, effects);
    cluster.core(0).begin_reads(effects);
    cluster.carry_out(0);
    EXPECT_EQ(cluster.in_flight(0, 1).size(), 1u) << "one question for both";
    cluster.read(0, 3);
    EXPECT_EQ(cluster.in_flight(0, 1).size(), 1u) << "one round at a time";
    cluster.settle();
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 3u);
}

// Whom the leader has asked since it sent something last.
std::vector<std::uint32_t> asked_by_0(const Cluster& cluster) {
    std::vector<std::uint32_t> asked;
    for (std::uint32_t id = 1; id < 5; ++id)
        if (!cluster.in_flight(0, id).empty()) asked.push_back(id);
    return asked;
}

Cluster five_of_whom_3_and_4_answer() {
    Cluster cluster(5);
    cluster.elect(0);
    cluster.settle();
    cluster.pass_time(0, 60);  // heartbeats
    for (const std::uint32_t id : {3u, 4u}) {
        cluster.deliver(0, id);
        cluster.deliver(id, 0);
    }
    cluster.drop_in_flight();
    return cluster;
}

TEST(Thesis64, AMajorityIsAskedThatHasAnsweredLast) {
    Cluster cluster = five_of_whom_3_and_4_answer();
    cluster.read(0, 1);
    EXPECT_EQ(asked_by_0(cluster), (std::vector<std::uint32_t>{3, 4}));
    cluster.settle();
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 1u);
}

TEST(Thesis64, EverybodyIsAskedOnceThoseThatAreAskedFirstTakeLong) {
    Cluster cluster = five_of_whom_3_and_4_answer();
    cluster.read(0, 1);
    cluster.drop_in_flight();
    cluster.pass_time(0, 10);
    EXPECT_EQ(asked_by_0(cluster), (std::vector<std::uint32_t>{1, 2, 3, 4}));
    cluster.cut(0, 3);
    cluster.settle();
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 1u);
    // From then on whoever does not answer is not waited for.
    cluster.read(0, 2);
    EXPECT_EQ(asked_by_0(cluster).size(), 2u);
    cluster.settle();
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 2u);
}

TEST(Thesis64, WhoeverIsNotConnectedIsNotAsked) {
    Cluster cluster = five_of_whom_3_and_4_answer();
    cluster.connection_closed(0, 3);
    cluster.read(0, 1);
    const std::vector<std::uint32_t> asked = asked_by_0(cluster);
    EXPECT_EQ(asked.size(), 2u);
    EXPECT_EQ(asked.back(), 4u);
}

TEST(Thesis64, AReadWhoseQuestionWasLostIsConfirmedByTheNextHeartbeat) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.read(0, 1);
    cluster.drop_in_flight();
    cluster.pass_time(0, 60);
    cluster.settle();
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 1u);
}

TEST(Thesis64, AClusterOfOneIsItsOwnMajority) {
    Cluster cluster(1);
    cluster.elect(0);
    cluster.settle();
    cluster.read(0, 1);
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 1u);
}

TEST(Thesis64, AFollowerDropsAReadAtOnce) {
    Cluster cluster(3);
    cluster.elect(0);
    cluster.settle();
    cluster.read(1, 9);
    EXPECT_EQ(cluster.server(1).reads_dropped, (std::vector<std::uint64_t>{9}));
}

// 6.4.1: leases. The election timeout is 150 to 300 ms.
constexpr std::uint32_t lease_ms = 120;

Cluster leader_with_a_lease() {
    Cluster cluster = Cluster::with_leases(3, lease_ms);
    // Whoever has just started gives no votes.
    for (const std::uint32_t id : {1u, 2u}) cluster.pass_time(id, 150);
    cluster.elect(0);
    cluster.pass_time_everywhere(100);
    return cluster;
}

TEST(Lease, ALeaderThatWasConfirmedAMomentAgoAnswersAtOnce) {
    Cluster cluster = leader_with_a_lease();
    cluster.drop_in_flight();
    cluster.read(0, 1);
    ASSERT_EQ(cluster.server(0).reads_ready.size(), 1u);
    EXPECT_EQ(cluster.server(0).reads_ready[0].index, cluster.core(0).commit());
    EXPECT_TRUE(cluster.in_flight(0, 1).empty());
}

TEST(Lease, EndsWithoutNewConfirmation) {
    Cluster cluster = leader_with_a_lease();
    cluster.isolate(0);
    for (int passed = 0; passed <= 120; passed += 10) cluster.pass_time(0, 10);
    cluster.read(0, 1);
    EXPECT_TRUE(cluster.server(0).reads_ready.empty());
}

TEST(Lease, IsKeptByThoseWhoseConnectionToTheLeaderEnds) {
    Cluster cluster = leader_with_a_lease();
    cluster.isolate(0);
    cluster.connection_closed(1, 0);
    cluster.connection_closed(2, 0);
    for (int passed = 0; passed < 100; passed += 10) {
        for (const std::uint32_t id : {1u, 2u}) cluster.pass_time(id, 10);
        cluster.settle();
        EXPECT_NE(cluster.core(1).role(), Role::leader);
        EXPECT_NE(cluster.core(2).role(), Role::leader);
    }
    cluster.pass_time_everywhere(700);
    EXPECT_TRUE(cluster.core(1).role() == Role::leader || cluster.core(2).role() == Role::leader);
}

TEST(Lease, IsKeptByWhoRestarts) {
    Cluster cluster = leader_with_a_lease();
    cluster.crash(1);
    cluster.restart(1);
    const Term term = cluster.core(1).term() + 1;
    cluster.inject(2, 1, {term, raft::VoteRequest{false, false, LogIndex(99), term}});
    cluster.sync(1);
    const auto answers = cluster.in_flight(1, 2);
    ASSERT_FALSE(answers.empty());
    EXPECT_FALSE(std::get<raft::VoteResponse>(answers.back().body).granted);
}

TEST(Lease, IsGivenUpBeforeLeadershipIsHandedOver) {
    Cluster cluster = leader_with_a_lease();
    cluster.transfer(0, 1);
    EXPECT_FALSE(cluster.in_flight(0, 1).empty());
    cluster.read(0, 1);
    EXPECT_TRUE(cluster.server(0).reads_ready.empty());
}

// Servers that are configured otherwise, by mistake or while that is changed.
TEST(Lease, DoesNotRestOnThoseThatPromiseNothing) {
    Cluster cluster = Cluster::with_leases(3, lease_ms, {1, 2});
    for (const std::uint32_t id : {1u, 2u}) cluster.pass_time(id, 150);
    cluster.elect(0);
    cluster.pass_time_everywhere(100);
    cluster.read(0, 1);
    EXPECT_TRUE(cluster.server(0).reads_ready.empty()) << "it has to ask";
    cluster.settle();
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 1u) << "they do answer";
}

TEST(Lease, RestsOnAMajorityThatPromises) {
    Cluster cluster = Cluster::with_leases(3, lease_ms, {2});
    for (const std::uint32_t id : {1u, 2u}) cluster.pass_time(id, 150);
    cluster.elect(0);
    cluster.pass_time_everywhere(100);
    cluster.drop_in_flight();
    cluster.read(0, 1);
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 1u);
}

TEST(Lease, DoesNotRestOnPromisesThatAreTooShort) {
    for (const std::uint32_t promise_ms : {149u, 150u}) {
        Cluster cluster = Cluster::with_leases(3, lease_ms, {1, 2});
        for (const std::uint32_t id : {1u, 2u}) cluster.pass_time(id, 150);
        cluster.elect(0);
        cluster.settle();
        cluster.pass_time(0, 60);  // a heartbeat leaves
        const auto asked = cluster.in_flight(0, 1);
        ASSERT_FALSE(asked.empty());
        const auto round = std::get<raft::Heartbeat>(asked.back().body).round;
        cluster.inject(
            1, 0,
            Message{cluster.core(0).term(), {raft::HeartbeatResponse{round, {}, promise_ms}}});
        cluster.drop_in_flight();
        cluster.read(0, 1);
        EXPECT_EQ(cluster.server(0).reads_ready.size(), promise_ms < 150 ? 0u : 1u);
    }
}

TEST(Lease, OfOneServerAloneNeedsNobody) {
    Cluster cluster = Cluster::with_leases(1, lease_ms);
    cluster.elect(0);
    cluster.read(0, 1);
    EXPECT_EQ(cluster.server(0).reads_ready.size(), 1u);
}

}  // namespace
}  // namespace raftkv::paper
