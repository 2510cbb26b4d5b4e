#include "node/raft/lobby.hpp"

#include <gtest/gtest.h>

// A server that belongs to no cluster, and hears of two.

namespace raftkv::raft {
namespace {

constexpr MonotonicMs start{1000};
constexpr MonotonicMs later{5000};
constexpr std::uint64_t old_cluster = 0xa, new_cluster = 0xb;

Lobby lobby_of_three() {
    return Lobby({.self = NodeId(1), .servers = {NodeId(0), NodeId(1), NodeId(2)}, .folder = 7},
                 start);
}

const Greeting takes_it{NodeId(0), {new_cluster}, true, 0};
const Greeting knows_another_folder{NodeId(2), {old_cluster}, true, 99};

TEST(Lobby, AServerThatWasLeftBehindDoesNotKeepItFromTheClusterThatIsRecorded) {
    Lobby lobby = lobby_of_three();
    lobby.recorded(new_cluster);
    lobby.heard(knows_another_folder);
    lobby.refused(NodeId(2), old_cluster, true);
    EXPECT_EQ(lobby.verdict({}, later).waits, Waits::recorded);
    lobby.refused(NodeId(0), new_cluster, false);
    EXPECT_EQ(lobby.verdict({}, later).waits, Waits::not_a_member);
    EXPECT_EQ(lobby.verdict({}, later).cluster, new_cluster);
    lobby.heard(takes_it);
    EXPECT_EQ(lobby.verdict({}, start).join, new_cluster) << "at once";
}

TEST(Lobby, OfTwoClustersNoneIsRecordedNorJoined) {
    Lobby lobby = lobby_of_three();
    lobby.refused(NodeId(2), old_cluster, true);
    EXPECT_FALSE(lobby.verdict({}, start).undisputed) << "others may say something else";
    EXPECT_TRUE(lobby.verdict({}, later).undisputed);
    lobby.heard(knows_another_folder);
    lobby.heard(takes_it);
    const LobbyVerdict verdict = lobby.verdict({}, later);
    EXPECT_EQ(verdict.join, 0u);
    EXPECT_FALSE(verdict.may_found);
    EXPECT_FALSE(verdict.undisputed);
    EXPECT_EQ(verdict.waits, Waits::disk_is_empty);
    EXPECT_EQ(verdict.cluster, old_cluster);
    EXPECT_EQ(verdict.offered, new_cluster);
    EXPECT_EQ(verdict.offered_by, NodeId(0));
    // That one was emptied meanwhile.
    lobby.heard({NodeId(2), {}, false, 0});
    EXPECT_EQ(lobby.verdict({}, later).join, new_cluster);
}

TEST(Lobby, AnIdThatNobodyHasIsNoLostDisk) {
    Lobby lobby = lobby_of_three();
    lobby.refused(NodeId(0), new_cluster, false);
    EXPECT_EQ(lobby.verdict({}, later).waits, Waits::not_a_member);
}

}  // namespace
}  // namespace raftkv::raft
