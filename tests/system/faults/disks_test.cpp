#include <gtest/gtest.h>

#include <string>

#include "tests/system/faults/bed.hpp"

// Clusters of real nodes whose disks are full, slow, stalled or broken.

namespace raftkv::system_test {
namespace {

using cli::NodeRole;
using protocol::ReplyKind;
using std::chrono::milliseconds;

std::string text(NodeId id) {
    return std::to_string(id.value());
}

TEST(Disks, a_full_one_alone_refuses_writes_serves_reads_and_recovers) {
    FaultBed bed(1);
    bed.leader();
    auto client = bed.client();
    ASSERT_TRUE(bed.set(client, "k", "v"));
    bed.fault("disk-full 0");
    // There is room in what was prepared before, so it takes some writing until it shows.
    std::string large(500'000, 'x');
    const ServerConfig& server = bed.config().servers.front();
    int tries = 0;
    EXPECT_TRUE(comes_true([&] {
        std::string key = "large" + std::to_string(tries++);
        auto reply = ask_node(server, set_of(key, large), milliseconds(10'000));
        return reply && reply->kind == ReplyKind::internal;
    }));
    EXPECT_FALSE(bed.status(NodeId(0))->log_has_room);
    auto read = client.call(get_of("k"));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read->value, "v");
    bed.heal();
    EXPECT_TRUE(comes_true([&] { return bed.status(NodeId(0))->log_has_room; }));
    EXPECT_TRUE(bed.set(client, "again", "w"));
    bed.expect_nothing_lost();
}

TEST(Disks, a_leader_whose_disk_is_full_hands_over_and_comes_back_as_a_follower) {
    FaultBed bed(3);
    NodeId full = bed.leader();
    auto client = bed.client();
    ASSERT_TRUE(bed.set(client, "k", "v"));
    bed.fault("disk-full leader");
    std::string large(500'000, 'x');
    int tries = 0;
    EXPECT_TRUE(comes_true([&] {
        bed.set(client, "large" + std::to_string(tries++), large);
        auto seen = bed.status(full);
        return seen && seen->role != NodeRole::leader && !seen->log_has_room;
    }));
    EXPECT_EQ(bed.set_many(client, 50), 50);
    EXPECT_NE(client.leader(), full);
    bed.heal();
    bed.expect_level();
    EXPECT_TRUE(bed.status(full)->log_has_room);
    bed.expect_nothing_lost();
}

// Heartbeats flow on while the leader's syncs hang: the others are the majority that counts.
TEST(Disks, a_leader_whose_syncs_hang_holds_nobody_up) {
    FaultBed bed(3);
    NodeId leader = bed.leader();
    auto client = bed.client();
    ASSERT_TRUE(bed.set(client, "k", "v"));
    bed.fault("stall-disk leader");
    EXPECT_GE(bed.set_many(client, 200), 199);  // should it hand over, one may be unknown
    auto stalled = bed.status(leader);
    ASSERT_TRUE(stalled);
    if (stalled->role == NodeRole::leader) {
        EXPECT_LT(stalled->durable_index, stalled->commit);
    }
    // It dies with all of that in its memory alone.
    bed.cluster().kill(leader);
    bed.expect_nothing_lost();
    ASSERT_TRUE(bed.cluster().start(leader).ok());
    bed.expect_level();
}

TEST(Disks, nothing_is_acknowledged_that_hangs_on_a_majority_of_disks) {
    FaultBed bed(3);
    NodeId leader = bed.leader();
    NodeId follower = bed.others(leader).front();
    bed.fault("stall-disk " + text(leader));
    bed.fault("stall-disk " + text(follower));
    auto impatient = bed.client(milliseconds(700));
    EXPECT_FALSE(bed.set(impatient, "k", "v"));
    bed.heal();
    auto client = bed.client();
    EXPECT_EQ(bed.set_many(client, 20), 20);
    bed.expect_level();
    bed.expect_nothing_lost();
}

TEST(Disks, slow_ones_slow_down_what_waits_for_them) {
    FaultBed bed(3);
    bed.leader();
    for (NodeId id : bed.cluster().all()) bed.fault("slow-disk " + text(id) + " 30ms");
    auto client = bed.client();
    auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(bed.set_many(client, 5), 5);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 5 * milliseconds(30));
    bed.heal();
    bed.expect_level();
}

TEST(Disks, a_node_whose_sync_fails_ends_with_74_and_may_be_started_again) {
    FaultBed bed(3);
    NodeId leader = bed.leader();
    auto client = bed.client();
    EXPECT_EQ(bed.set_many(client, 10), 10);
    bed.fault("fail-disk leader");
    EXPECT_GE(bed.set_many(client, 20), 19);  // the one that it had under way may be unknown
    std::string end;
    EXPECT_TRUE(comes_true([&] {
        auto alive = bed.cluster().check_alive();
        end = alive ? "" : alive.error().message;
        return !alive;
    }));
    EXPECT_NE(end.find("exit code 74"), std::string::npos) << end;
    EXPECT_NE(end.find("Input/output error"), std::string::npos) << end;
    bed.cluster().kill(leader);  // it is dead already; now the cluster knows
    ASSERT_TRUE(bed.cluster().start(leader).ok());
    bed.expect_level();
    bed.expect_nothing_lost();
}

}  // namespace
}  // namespace raftkv::system_test
