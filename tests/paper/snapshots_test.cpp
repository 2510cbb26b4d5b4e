// Chapter 5 of the thesis: snapshots, who needs one, and what becomes of the log beside it.
#include <gtest/gtest.h>

#include <variant>

#include "tests/paper/cluster.hpp"

namespace raftkv::paper {
namespace {

using raft::AppendRequest;
using raft::AppendResponse;
using raft::Role;
using raft::SnapshotChunk;
using raft::SnapshotResponse;

template <class Body>
std::vector<Body> sent(Cluster& cluster, std::uint32_t from, std::uint32_t to) {
    std::vector<Body> found;
    for (const Message& message : cluster.in_flight(from, to)) {
        if (const auto* body = std::get_if<Body>(&message.body)) found.push_back(*body);
    }
    return found;
}

// Server 0 leads and has a snapshot of 1,000 bytes after its first 10 entries, of which server 2
// has none.
Cluster leader_with_a_snapshot() {
    Cluster cluster(3);
    cluster.isolate(2);
    cluster.elect(0);
    while (cluster.core(0).log().last_index() < LogIndex(10)) cluster.propose(0);
    cluster.settle();
    cluster.pass_time_everywhere(100);  // a heartbeat says what is committed
    cluster.take_snapshot(0, 10, 1000);
    cluster.settle();
    return cluster;
}

TEST(Thesis5, TheLogForgetsWhatTheSnapshotStandsFor) {
    Cluster cluster = leader_with_a_snapshot();
    EXPECT_EQ(cluster.core(0).log().first_index(), LogIndex(11));
    EXPECT_EQ(cluster.server(0).disk.first_index, LogIndex(11));
    EXPECT_EQ(cluster.propose(0), LogIndex(11)) << "and goes on";
    cluster.pass_time_everywhere(100);
    EXPECT_EQ(cluster.core(1).commit(), LogIndex(11));
}

TEST(Thesis5, AServerRestartsFromItsSnapshot) {
    Cluster cluster = leader_with_a_snapshot();
    cluster.propose(0);
    cluster.settle();
    cluster.restart(0);
    EXPECT_EQ(cluster.core(0).log().last_index(), LogIndex(11));
    EXPECT_EQ(cluster.core(0).snapshot()->id.index, LogIndex(10));
    cluster.pass_time_everywhere(1500);
    EXPECT_GT(cluster.core(0).commit(), LogIndex(11)) << "with the others, as before";
}

TEST(Thesis5, WhoNeedsForgottenEntriesGetsTheSnapshotInPieces) {
    Cluster cluster = leader_with_a_snapshot();
    cluster.heal();
    cluster.pass_time_everywhere(700);
    EXPECT_EQ(cluster.core(2).snapshot()->id, cluster.core(0).snapshot()->id);
    EXPECT_EQ(cluster.core(2).log().first_index(), LogIndex(11));
    EXPECT_EQ(cluster.core(2).commit(), cluster.core(0).commit());
    cluster.propose(0);
    cluster.settle();
    EXPECT_EQ(cluster.core(2).log().last_index(), cluster.core(0).log().last_index())
        << "entries follow the ordinary way";
}

TEST(Thesis5, NoMoreIsUnderWayThanTheWindow) {
    Cluster cluster = leader_with_a_snapshot();
    cluster.hold_pieces(true);
    cluster.heal();
    cluster.pass_time_everywhere(700);
    std::uint64_t bytes = 0;
    for (const raft::SnapshotPiece& piece : cluster.server(2).pieces) bytes += piece.bytes.size();
    EXPECT_EQ(bytes, 300u) << "the window";
    cluster.put_pieces_away(2);
    cluster.settle();
    cluster.put_pieces_away(2);
    cluster.settle();
    EXPECT_FALSE(cluster.server(2).pieces.empty()) << "the next ones came when those were stored";
}

TEST(Thesis5, ATransferGoesOnWhereItStopped) {
    Cluster cluster = leader_with_a_snapshot();
    cluster.hold_pieces(true);
    cluster.heal();
    cluster.pass_time_everywhere(700);
    cluster.put_pieces_away(2);
    cluster.drop_in_flight();
    cluster.connection_closed(0, 2);
    cluster.connection_closed(2, 0);
    cluster.connect_everybody();
    cluster.settle();
    ASSERT_FALSE(cluster.server(2).pieces.empty());
    EXPECT_EQ(cluster.server(2).pieces.front().offset, 300u);
}

TEST(Thesis5, AnotherLeaderGoesOnWithTheSameSnapshot) {
    Cluster cluster = leader_with_a_snapshot();
    cluster.take_snapshot(1, 10, 1000);
    cluster.hold_pieces(true);
    cluster.heal();
    cluster.pass_time_everywhere(700);
    cluster.put_pieces_away(2);
    cluster.drop_in_flight();
    cluster.crash(0);
    for (std::uint32_t id : {1u, 2u}) cluster.connection_closed(id, 0);
    cluster.elect(1);
    cluster.settle();
    ASSERT_FALSE(cluster.server(2).pieces.empty());
    EXPECT_EQ(cluster.server(2).pieces.front().offset, 300u);
}

TEST(Thesis5, ALostPieceIsSentAgain) {
    Cluster cluster = leader_with_a_snapshot();
    cluster.hold_pieces(true);
    cluster.heal();
    cluster.pass_time_everywhere(700);
    cluster.server(2).pieces.clear();
    cluster.core(2).snapshot_lost(cluster.core(0).snapshot()->id);
    cluster.hold_pieces(false);
    cluster.pass_time_everywhere(700);
    EXPECT_EQ(cluster.core(2).commit(), cluster.core(0).commit());
}

TEST(Thesis5, ANewerSnapshotTakesThePlaceOfTheOneBeingSent) {
    Cluster cluster = leader_with_a_snapshot();
    cluster.hold_pieces(true);
    cluster.heal();
    cluster.pass_time_everywhere(700);
    while (cluster.core(0).log().last_index() < LogIndex(20)) cluster.propose(0);
    cluster.settle();
    cluster.take_snapshot(0, 20, 500);
    cluster.server(2).pieces.clear();
    cluster.hold_pieces(false);
    cluster.pass_time_everywhere(700);
    EXPECT_EQ(cluster.core(2).snapshot()->id.index, LogIndex(20));
    EXPECT_EQ(cluster.core(2).commit(), cluster.core(0).commit());
}

TEST(Thesis5, AnInstalledSnapshotIsSaidOnlyOnceTheLogSaysSo) {
    Cluster cluster = leader_with_a_snapshot();
    cluster.drop_in_flight();
    const raft::SnapshotInfo snapshot = *cluster.core(0).snapshot();
    const Term term = cluster.core(0).term();
    cluster.inject(0, 2, {term, SnapshotChunk{snapshot, 0, {}}});
    cluster.sync(2);
    cluster.drop_in_flight();
    EXPECT_TRUE(cluster.core(2).install_snapshot(snapshot, cluster.core(2).members(),
                                                 cluster.server(2).effects));
    cluster.carry_out(2);
    EXPECT_TRUE(sent<AppendResponse>(cluster, 2, 0).empty());
    cluster.sync(2);
    ASSERT_EQ(sent<AppendResponse>(cluster, 2, 0).size(), 1u);
    EXPECT_EQ(sent<AppendResponse>(cluster, 2, 0)[0].index, LogIndex(10));
}

// Figure 5.2's receiver, step 6: what follows the snapshot in a log that agrees with it is kept.
TEST(Thesis5, ALogThatAgreesWithTheSnapshotKeepsWhatFollows) {
    Cluster cluster(3);
    cluster.put_on_disk(2, {1, 1, 1, 1}, 1);
    EXPECT_TRUE(cluster.core(2).install_snapshot(
        {{LogIndex(2), Term(1)}, 9}, cluster.core(2).members(), cluster.server(2).effects));
    cluster.carry_out(2);
    cluster.sync(2);
    EXPECT_EQ(cluster.core(2).log().last_index(), LogIndex(4));
    EXPECT_EQ(cluster.core(2).commit(), LogIndex(2));
}

// Step 7: a log that differs from it goes as a whole.
TEST(Thesis5, ALogThatDiffersFromTheSnapshotIsDropped) {
    Cluster cluster(3);
    cluster.put_on_disk(2, {1, 1, 1, 1}, 2);
    EXPECT_TRUE(cluster.core(2).install_snapshot(
        {{LogIndex(3), Term(2)}, 9}, cluster.core(2).members(), cluster.server(2).effects));
    cluster.carry_out(2);
    cluster.sync(2);
    EXPECT_EQ(cluster.core(2).log().last_index(), LogIndex(3));
    EXPECT_EQ(cluster.core(2).log().last_term(), Term(2));
    cluster.restart(2);
    EXPECT_EQ(cluster.core(2).log().last_index(), LogIndex(3));
}

TEST(Thesis5, AnOlderSnapshotChangesNothing) {
    Cluster cluster = leader_with_a_snapshot();
    const raft::SnapshotInfo old{{LogIndex(3), cluster.core(1).term()}, 9};
    EXPECT_FALSE(cluster.core(1).install_snapshot(old, cluster.core(1).members(),
                                                  cluster.server(1).effects));
    EXPECT_EQ(cluster.core(1).log().first_index(), LogIndex(1));
    cluster.inject(0, 1, {cluster.core(0).term(), SnapshotChunk{old, 0, {}}});
    cluster.sync(1);
    EXPECT_TRUE(sent<SnapshotResponse>(cluster, 1, 0).empty());
    ASSERT_EQ(sent<AppendResponse>(cluster, 1, 0).size(), 1u) << "it has more, and says how much";
    EXPECT_EQ(sent<AppendResponse>(cluster, 1, 0)[0].index, cluster.core(1).commit());
}

TEST(Thesis5, ASnapshotOfAnotherLeaderInTheSameTermIsNotTaken) {
    Cluster cluster = leader_with_a_snapshot();
    const raft::SnapshotInfo forged{{LogIndex(50), cluster.core(0).term()}, 9};
    cluster.inject(1, 0, {cluster.core(0).term(), SnapshotChunk{forged, 0, {}}});
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
    EXPECT_FALSE(cluster.core(0).incoming_snapshot());
}

TEST(Thesis5, AnEntryThatWasForgottenIsNotTakenForOneThatDiffers) {
    Cluster cluster = leader_with_a_snapshot();
    cluster.drop_in_flight();
    const Term term = cluster.core(0).term();
    cluster.crash(0);
    cluster.take_snapshot(1, 10, 1000);
    cluster.sync(1);
    cluster.drop_in_flight();
    // An old request, from when the log still had these.
    AppendRequest old{LogIndex(4), term, LogIndex(4), {}};
    old.entries.push_back({LogIndex(5), term, EntryKind::command, SharedBytes::copy_of("x")});
    cluster.inject(0, 1, {term, old});
    cluster.sync(1);
    ASSERT_EQ(sent<AppendResponse>(cluster, 1, 0).size(), 1u);
    EXPECT_TRUE(sent<AppendResponse>(cluster, 1, 0)[0].accepted);
    EXPECT_EQ(sent<AppendResponse>(cluster, 1, 0)[0].index, LogIndex(10));
    EXPECT_EQ(cluster.core(1).log().last_index(), LogIndex(10));
}

// Whoever is elected while a snapshot comes in has all of it in its log already.
TEST(Thesis5, ALeaderDoesNotInstall) {
    Cluster cluster(3);
    cluster.elect(0);
    const raft::SnapshotInfo late{{LogIndex(30), cluster.core(0).term()}, 9};
    EXPECT_FALSE(cluster.core(0).install_snapshot(late, cluster.core(0).members(),
                                                  cluster.server(0).effects));
    EXPECT_EQ(cluster.core(0).role(), Role::leader);
}

// A hostile or mistaken leader must not fill the receiver's memory.
TEST(Thesis5, PiecesThatAreNotStoredYetAreBounded) {
    Cluster cluster(3);
    cluster.hold_pieces(true);
    const raft::SnapshotInfo huge{{LogIndex(1000), Term(1)}, 1'000'000};
    const SharedBytes bytes = SharedBytes::copy_of(std::string(100, 'x'));
    for (std::uint64_t offset = 0; offset < 100'000; offset += 100)
        cluster.inject(1, 0, {Term(1), SnapshotChunk{huge, offset, bytes}});
    EXPECT_LE(cluster.server(0).pieces.size(), 4u * 300 / 100 + 1);
}

}  // namespace
}  // namespace raftkv::paper
