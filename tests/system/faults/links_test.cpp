#include <gtest/gtest.h>

#include <string>

#include "tests/system/faults/bed.hpp"

// Clusters of real nodes whose messages vanish on the way.

namespace raftkv::system_test {
namespace {

using cli::NodeRole;
using std::chrono::milliseconds;

std::string number_of(NodeId id) {
    return std::to_string(id.value());
}

TEST(Links, an_isolated_leader_steps_down_and_the_others_serve) {
    FaultBed bed(5);
    NodeId old = bed.leader();
    auto client = bed.client();
    ASSERT_TRUE(bed.set(client, "before", "1"));
    bed.fault("isolate leader");
    NodeId next = bed.leader_of(bed.others(old));
    EXPECT_NE(next, old);
    // What the old one was still given has an unknown outcome; the next goes to the new one.
    EXPECT_GE(bed.set_many(client, 20), 19);
    // Whoever still asks the old one is not answered from what it held before.
    auto stale = ask_node(*bed.config().find(old), get_of("before"), milliseconds(300));
    EXPECT_TRUE(!stale || stale->kind == protocol::ReplyKind::internal ||
                stale->kind == protocol::ReplyKind::redirect);
    EXPECT_TRUE(comes_true([&] {
        auto seen = bed.status(old);
        return seen && seen->role != NodeRole::leader;
    }));
    bed.heal();
    EXPECT_EQ(bed.leader(), next);  // what comes back disturbs nobody
    bed.expect_level();
    bed.expect_nothing_lost();
}

TEST(Links, a_cut_is_silence_and_not_the_end_of_a_connection) {
    FaultBed bed(3);
    NodeId leader = bed.leader();
    NodeId follower = bed.others(leader).front();
    bed.fault("cut " + number_of(leader) + "-" + number_of(follower));
    auto client = bed.client();
    EXPECT_EQ(bed.set_many(client, 50), 50);
    for (NodeId id : bed.cluster().all())
        EXPECT_EQ(bed.log(id).find("lost the connection"), std::string::npos) << number_of(id);
    EXPECT_EQ(bed.leader_of({leader}), leader);
}

// Row by row: what one direction of a link alone does.
class OneWay : public testing::TestWithParam<bool> {};

TEST_P(OneWay, cut_of_a_leader_and_a_follower_loses_no_write) {
    FaultBed bed(3);
    NodeId leader = bed.leader();
    NodeId follower = bed.others(leader).front();
    auto client = bed.client();
    EXPECT_EQ(bed.set_many(client, 20), 20);
    bed.fault("cut " + (GetParam() ? number_of(leader) + ">" + number_of(follower)
                                   : number_of(follower) + ">" + number_of(leader)));
    EXPECT_EQ(bed.set_many(client, 300), 300);
    bed.heal();
    bed.expect_level();
    bed.expect_nothing_lost();
}

INSTANTIATE_TEST_SUITE_P(Links, OneWay, testing::Bool(), [](const auto& each) {
    return each.param ? "towards_the_follower" : "towards_the_leader";
});

TEST(Links, a_leader_that_nobody_hears_is_replaced) {
    FaultBed bed(3);
    NodeId old = bed.leader();
    for (NodeId other : bed.others(old))
        bed.fault("cut " + number_of(old) + ">" + number_of(other));
    NodeId next = bed.leader_of(bed.others(old));
    EXPECT_NE(next, old);
    auto client = bed.client();
    EXPECT_EQ(bed.set_many(client, 20), 20);
    bed.heal();
    bed.expect_level();
    bed.expect_nothing_lost();
}

TEST(Links, a_leader_that_hears_nobody_does_not_hold_the_others_up) {
    FaultBed bed(3);
    NodeId old = bed.leader();
    for (NodeId other : bed.others(old))
        bed.fault("cut " + number_of(other) + ">" + number_of(old));
    auto client = bed.client();
    ASSERT_TRUE(bed.set(client, "k", "v"));
    EXPECT_NE(bed.leader_of(bed.others(old)), old);
    EXPECT_EQ(bed.set_many(client, 20), 20);
    bed.heal();
    bed.expect_level();
    bed.expect_nothing_lost();
}

TEST(Links, without_a_majority_nothing_is_served_and_with_it_all_is_again) {
    FaultBed bed(5);
    bed.leader();
    auto client = bed.client();
    EXPECT_EQ(bed.set_many(client, 20), 20);
    bed.fault("partition 0,1/2,3/4");
    EXPECT_TRUE(comes_true([&] {
        for (NodeId id : bed.cluster().all()) {
            auto seen = bed.status(id);
            if (!seen || seen->role == NodeRole::leader) return false;
        }
        return true;
    }));
    auto impatient = bed.client(milliseconds(500));
    EXPECT_FALSE(bed.set(impatient, "minority", "1"));
    bed.heal();
    EXPECT_EQ(bed.set_many(client, 20), 20);
    bed.expect_level();
    bed.expect_nothing_lost();
}

TEST(Links, over_a_bridge_there_is_one_leader_and_it_stays) {
    FaultBed bed(5);
    bed.leader();
    bed.fault("bridge 2");
    auto client = bed.client();
    EXPECT_EQ(bed.set_many(client, 50), 50);
    std::optional<NodeId> leader = client.leader();
    ASSERT_TRUE(leader);
    Term term = bed.status(*leader)->term;
    EXPECT_EQ(bed.set_many(client, 300), 300);
    EXPECT_EQ(bed.status(*leader)->term, term);
    bed.heal();
    bed.expect_level();
    bed.expect_nothing_lost();
}

TEST(Links, slow_and_lossy_ones_cost_time_and_nothing_else) {
    FaultBed bed(3);
    bed.leader();
    bed.fault("delay 20ms");
    bed.fault("drop 5%");
    auto client = bed.client();
    auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(bed.set_many(client, 20), 20);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 20 * milliseconds(2 * 20));
    bed.heal();
    bed.expect_level();
    bed.expect_nothing_lost();
}

TEST(Links, a_cut_holds_while_one_of_its_ends_restarts) {
    FaultBed bed(3);
    NodeId leader = bed.leader();
    NodeId follower = bed.others(leader).front();
    bed.fault("cut " + number_of(leader) + "-" + number_of(follower));
    bed.cluster().kill(follower);
    auto client = bed.client();
    EXPECT_EQ(bed.set_many(client, 10), 10);
    ASSERT_TRUE(bed.cluster().start(follower).ok());
    EXPECT_TRUE(comes_true([&] { return bed.status(follower).has_value(); }));
    EXPECT_EQ(bed.set_many(client, 200), 200);
    EXPECT_LT(bed.status(follower)->applied, bed.status(leader)->applied);
    bed.heal();
    bed.expect_level();
}

}  // namespace
}  // namespace raftkv::system_test
