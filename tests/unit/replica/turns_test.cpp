// A turn takes no longer than it may, whatever there is to do.

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/replica/world.hpp"

namespace raftkv::replica {
namespace {

using protocol::ReplyKind;

constexpr std::size_t turn_bytes = 64 << 10;

TEST(Turns, AnswerNoMoreReadsThanTheyMay) {
    World world(1, 21, turn_bytes);
    const std::string value(16 << 10, 'v');
    ASSERT_EQ(world.ask(set("k", value)).kind, ReplyKind::ok);
    const std::size_t before = world.answers();
    constexpr std::size_t reads = 40;
    for (std::size_t i = 0; i < reads; ++i) world.send(0, get("k"));
    std::size_t turns = 0, answered = 0;
    do {
        world.replica(0).end_of_turn();
        const std::size_t now = world.answers() - before;
        EXPECT_LE(now - answered, turn_bytes / value.size() + 1);
        answered = now;
        ++turns;
    } while (world.replica(0).wants_turn());
    EXPECT_EQ(answered, reads);
    EXPECT_GE(turns, reads / 5);
}

TEST(Turns, ApplyNoMoreEntriesThanTheyMay) {
    World world(1, 22, turn_bytes);
    world.leader();
    const std::string value(8 << 10, 'v');
    const std::size_t before = world.answers();
    constexpr std::size_t writes = 80;
    for (std::size_t i = 0; i < writes; ++i) world.send(0, set("k" + std::to_string(i), value));
    world.replica(0).end_of_turn();
    world.process(0).sync();
    std::size_t answered = 0;
    do {
        world.replica(0).end_of_turn();
        const std::size_t now = world.answers() - before;
        EXPECT_LE(now - answered, turn_bytes / value.size() + 1);
        answered = now;
    } while (world.replica(0).wants_turn());
    EXPECT_EQ(answered, writes);
}

TEST(Turns, LargeReadsBetweenWritesOfAPipelineCountToo) {
    World world(1, 23, turn_bytes);
    const std::string value(16 << 10, 'v');
    ASSERT_EQ(world.ask(set("k", value)).kind, ReplyKind::ok);
    const std::size_t before = world.answers();
    constexpr std::size_t pairs = 40;
    for (std::size_t i = 0; i < pairs; ++i) {
        world.send(0, get("k"), 1);
        world.send(0, set("other" + std::to_string(i), "v"), 1);
    }
    world.replica(0).end_of_turn();
    world.process(0).sync();
    std::size_t answered = world.answers() - before;
    do {
        world.replica(0).end_of_turn();
        const std::size_t now = world.answers() - before;
        // Each of the two budgets, with the writes between.
        EXPECT_LE(now - answered, 2 * 2 * (turn_bytes / value.size() + 1));
        answered = now;
    } while (world.replica(0).wants_turn());
    EXPECT_EQ(answered, 2 * pairs);
}

// Of three replicas the reads wait for a round of heartbeats, and the write comes upon them.
TEST(Turns, LargeReadsOfManyHoldUpNoWriteOfSomebodyElse) {
    World world(3, 26, turn_bytes);
    const std::uint32_t leader = world.leader();
    const std::string value(64 << 10, 'v');
    ASSERT_EQ(world.ask(set("k", value)).kind, ReplyKind::ok);
    constexpr std::size_t reads = 500;
    for (std::size_t i = 0; i < reads; ++i) world.send(leader, get("k"), 1 + i);
    const std::uint64_t write = world.send(leader, set("other", "v"), 1 + reads);
    const std::size_t before = world.answers();
    ASSERT_TRUE(world.until([&] { return world.heard(write) != nullptr; }));
    EXPECT_LT(world.answers() - before, reads / 2);
    EXPECT_TRUE(world.until([&] { return world.answers() - before == reads + 1; }));
}

TEST(Turns, TellWhatBecameOfWritesLittleByLittle) {
    World world(3, 24, turn_bytes);
    const std::uint32_t leader = world.leader();
    world.cut(leader, true);
    const std::size_t before = world.answers();
    constexpr std::size_t writes = 2000;
    for (std::size_t i = 0; i < writes; ++i)
        world.send(leader, set("k" + std::to_string(i), "value"));
    std::size_t most = 0;
    ASSERT_TRUE(world.until([&] {
        const std::size_t now = world.answers();
        world.step();
        most = std::max(most, world.answers() - now);
        return world.answers() - before == writes;
    }));
    EXPECT_LE(most, 4 * (turn_bytes / 512 + 64)) << "in the four turns of a step";
}

TEST(Turns, RemoveKeysThatEndedTogetherLittleByLittle) {
    World world(3, 25);
    const std::uint32_t leader = world.leader();
    constexpr std::size_t ended_keys = 5000;
    for (std::size_t i = 0; i < ended_keys; ++i)
        world.send(leader, set("k" + std::to_string(i), "v", 2));
    ASSERT_TRUE(world.until([&] { return world.replica(leader).store().size() == ended_keys; }));
    for (int i = 0; i < 300; ++i) world.step();
    ASSERT_EQ(world.replica(leader).store().size(), ended_keys);
    std::size_t left = ended_keys;
    bool without_hash = false;
    ASSERT_TRUE(world.until([&] {
        const Replica& replica = world.replica(leader);
        EXPECT_LE(left - replica.store().size(), 4u * (2 * 256 + 64)) << "in a step";
        left = replica.store().size();
        const Status status = replica.status();
        if (replica.store().has_past_end()) {
            without_hash = true;
            EXPECT_TRUE(replica.wants_turn()) << "the loop goes on by itself";
            EXPECT_LT(status.state.index, status.applied) << "the last one that was at hand";
        } else {
            EXPECT_EQ(status.state.index, status.applied);
        }
        return left == 0;
    }));
    EXPECT_TRUE(without_hash);
    EXPECT_EQ(world.replica(leader).standing().role, raft::Role::leader);
}

}  // namespace
}  // namespace raftkv::replica
