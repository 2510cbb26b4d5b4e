#include "node/server/farewell.hpp"

#include <gtest/gtest.h>

namespace raftkv::server {
namespace {

replica::Standing leads(std::optional<NodeId> to) {
    replica::Standing standing;
    standing.role = raft::Role::leader;
    standing.hands_over_to = to;
    return standing;
}

replica::Standing follows(std::optional<NodeId> leader) {
    replica::Standing standing;
    standing.role = raft::Role::follower;
    standing.leader = leader;
    return standing;
}

MonotonicMs at(std::int64_t ms) {
    return MonotonicMs(1000 + ms);
}

TEST(Farewell, AFollowerGoesAsSoonAsNobodyIsOwedAnything) {
    Farewell farewell(500);
    EXPECT_FALSE(farewell.has_begun());
    farewell.begin(at(0), false);
    EXPECT_TRUE(farewell.has_begun());
    EXPECT_FALSE(farewell.hands_over(at(0), follows(NodeId(1))));
    EXPECT_FALSE(farewell.is_over(at(0), 1, 2)) << "one has yet to be told";
    EXPECT_FALSE(farewell.is_over(at(10), 0, 2)) << "they have yet to see the end";
    EXPECT_FALSE(farewell.is_over(at(209), 0, 1));
    EXPECT_TRUE(farewell.is_over(at(210), 0, 1));
    EXPECT_TRUE(farewell.is_over(at(20), 0, 0));
}

TEST(Farewell, ALeaderStaysUntilItHasToldItsClientsWhoLeadsNow) {
    Farewell farewell(500);
    farewell.begin(at(0), true);
    EXPECT_TRUE(farewell.hands_over(at(0), leads(NodeId(2))));
    EXPECT_TRUE(farewell.hands_over(at(50), follows(std::nullopt))) << "nobody is elected yet";
    EXPECT_TRUE(farewell.hands_over(at(60), follows(NodeId(2))));
    EXPECT_TRUE(farewell.hands_over(at(159), follows(NodeId(2))));
    EXPECT_FALSE(farewell.hands_over(at(160), follows(NodeId(2))));
}

TEST(Farewell, ALeaderThatNobodySucceedsDoesNotWait) {
    Farewell alone(500);
    alone.begin(at(0), true);
    EXPECT_FALSE(alone.hands_over(at(0), leads(std::nullopt)));
    Farewell in_vain(500);
    in_vain.begin(at(0), true);
    EXPECT_TRUE(in_vain.hands_over(at(499), leads(NodeId(2))));
    EXPECT_FALSE(in_vain.hands_over(at(500), leads(NodeId(2))));
}

TEST(Farewell, WhoIsTurnedOutTellsItsClientsWhoLeadsAndGoes) {
    Farewell farewell(500);
    farewell.begin_with_redirects(at(0));
    EXPECT_TRUE(farewell.hands_over(at(99), follows(NodeId(2))));
    EXPECT_FALSE(farewell.hands_over(at(100), follows(NodeId(2))));
}

TEST(Farewell, NothingTakesMoreThanTwoSecondsAndASecondOrderEndsIt) {
    Farewell farewell(500);
    farewell.begin(at(0), true);
    EXPECT_FALSE(farewell.is_late(at(2000)));
    EXPECT_TRUE(farewell.is_late(at(2001)));
    Farewell hurried(500);
    hurried.begin(MonotonicMs(10'000), true);
    hurried.hurry();
    EXPECT_TRUE(hurried.is_late(MonotonicMs(10'000)));
}

}  // namespace
}  // namespace raftkv::server
