#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/replica/world.hpp"

// Seconds of exptime are seconds, whatever became of leaders and clocks before or meanwhile.

namespace raftkv::replica {
namespace {

using protocol::ReplyKind;

constexpr std::int64_t second = 1000;
constexpr std::int64_t year = std::int64_t{365} * 86'400 * second;
constexpr std::int64_t bound = second / 2;

class ExpiryTest : public testing::Test {
  protected:
    std::int64_t set_key(std::uint32_t exptime_s) {
        EXPECT_EQ(world_.ask(set("k", "v", exptime_s)).kind, ReplyKind::ok);
        return world_.now_ms() + exptime_s * second;
    }

    // It is there until shortly before, and gone shortly after.
    void expect_its_end_at(std::int64_t end_ms) {
        world_.pass(end_ms - bound - world_.now_ms());
        ASSERT_EQ(world_.ask(get("k")).kind, ReplyKind::value) << end_ms - world_.now_ms();
        while (world_.ask(get("k")).kind == ReplyKind::value)
            ASSERT_LE(world_.now_ms(), end_ms + bound);
        EXPECT_NEAR(static_cast<double>(world_.now_ms() - end_ms), 0, bound);
    }

    void stop_all() {
        for (std::uint32_t id = 0; id < world_.size(); ++id) world_.kill(id);
    }
    void start_all() {
        for (std::uint32_t id = 0; id < world_.size(); ++id) world_.restart(id);
    }
    // Nobody has kept anything.
    void reboot_all() {
        stop_all();
        for (std::uint32_t id = 0; id < world_.size(); ++id) world_.process(id).reboot();
    }
    Process& process(std::uint32_t id) { return world_.process(id); }

    World world_{3, 9};
};

TEST_F(ExpiryTest, AfterALongSilenceAndAnotherLeader) {
    world_.ask(set("first", "v"));
    world_.pass(30 * second);
    world_.replica(world_.leader()).transfer_leadership(std::nullopt);
    world_.pass(second);
    expect_its_end_at(set_key(4));
}

TEST_F(ExpiryTest, AcrossACrashOfTheLeader) {
    const std::int64_t end = set_key(4);
    world_.pass(second);
    world_.kill(world_.leader());
    expect_its_end_at(end);
}

TEST_F(ExpiryTest, AcrossManyTransfers) {
    const std::int64_t end = set_key(20);
    for (int i = 0; i < 60; ++i) {
        world_.replica(world_.leader()).transfer_leadership(std::nullopt);
        world_.pass(second / 4);
    }
    expect_its_end_at(end);
}

TEST_F(ExpiryTest, AfterAFullStop) {
    world_.ask(set("first", "v"));
    reboot_all();
    world_.pass(30 * second);
    start_all();
    expect_its_end_at(set_key(4));
}

TEST_F(ExpiryTest, AKeyThatEndsDuringAFullStopIsNotReadAfterIt) {
    const std::int64_t end = set_key(4);
    reboot_all();
    world_.pass(5 * second);
    start_all();
    EXPECT_EQ(world_.ask(get("k")).kind, ReplyKind::not_found);
    EXPECT_GT(world_.now_ms(), end);
}

TEST_F(ExpiryTest, AcrossAFullStopAfterWhichOneWallClockIsYearsWrong) {
    for (const std::int64_t wrong : {-20 * year, 20 * year}) {
        for (std::uint32_t id = 0; id < 3; ++id) {
            const std::int64_t end = set_key(20);
            reboot_all();
            process(id).jump_wall_clock(wrong);
            world_.pass(5 * second);
            start_all();
            expect_its_end_at(end);
            process(id).jump_wall_clock(-wrong);
        }
    }
}

// Two have all that the cluster needs, and must not believe the one that is ahead.
TEST_F(ExpiryTest, AcrossAFullStopAfterWhichOneOfTwoWallClocksIsYearsWrong) {
    for (const std::int64_t wrong : {-20 * year, 20 * year}) {
        const std::int64_t end = set_key(20);
        world_.pass(second);
        reboot_all();
        process(1).jump_wall_clock(wrong);
        world_.pass(2 * second);
        world_.restart(0);
        world_.restart(1);
        expect_its_end_at(end);
        process(1).jump_wall_clock(-wrong);
        world_.restart(2);
    }
}

TEST_F(ExpiryTest, WhileOneServerKnowsTheTimeNoWallClockCounts) {
    const std::int64_t end = set_key(8);
    world_.jump_all_wall_clocks(20 * year);
    const std::uint32_t knows = world_.leader();
    for (std::uint32_t id = 0; id < 3; ++id) {
        if (id == knows) continue;
        world_.kill(id);
        process(id).reboot();
    }
    world_.pass(second);
    for (std::uint32_t id = 0; id < 3; ++id)
        if (id != knows) world_.restart(id);
    world_.leader();
    expect_its_end_at(end);
}

TEST_F(ExpiryTest, WhatEachKeptServesAsLongAsTheMachineIsNotStartedAnew) {
    const std::int64_t end = set_key(8);
    world_.pass(second);
    for (std::uint32_t id = 0; id < 3; ++id) process(id).keep_clock();
    stop_all();
    world_.jump_all_wall_clocks(20 * year);
    world_.pass(2 * second);
    start_all();
    expect_its_end_at(end);
}

// The cluster's clock is not that of the walls: it began with wrong ones.
TEST_F(ExpiryTest, WhatEachKeptPutsItsWallClockRight) {
    const std::int64_t end = set_key(8);
    world_.jump_all_wall_clocks(20 * year);
    world_.pass(second);
    for (std::uint32_t id = 0; id < 3; ++id) process(id).keep_clock();
    reboot_all();
    world_.pass(2 * second);
    start_all();
    expect_its_end_at(end);
}

// As in a cluster that is made of a backup: nobody has kept anything, and the clocks have gone on.
TEST_F(ExpiryTest, WhatIsOverAfterMonthsWithoutACluster) {
    constexpr std::uint32_t days = 86'400;
    ASSERT_EQ(world_.ask(set("month", "v", 30 * days)).kind, ReplyKind::ok);
    ASSERT_EQ(world_.ask(set("year", "v", 365 * days)).kind, ReplyKind::ok);
    reboot_all();
    world_.jump_all_wall_clocks(std::int64_t{90} * days * second);
    start_all();
    EXPECT_EQ(world_.ask(get("month")).kind, ReplyKind::not_found);
    EXPECT_EQ(world_.ask(get("year")).kind, ReplyKind::value);
}

TEST_F(ExpiryTest, WhateverTheWallClocksDoMeanwhile) {
    const std::int64_t end = set_key(4);
    for (int i = 0; i < 20; ++i) {
        world_.jump_all_wall_clocks((i % 2 == 0 ? 1 : -1) * 3 * year);
        world_.pass(second / 10);
    }
    expect_its_end_at(end);
}

TEST_F(ExpiryTest, ALeaderThatDoesNotKnowTheTimeAnswersNobody) {
    const std::int64_t end = set_key(2);
    world_.pass(second);
    reboot_all();
    process(1).jump_wall_clock(-20 * year);  // it lags, or the other one leads
    world_.pass(2 * second);
    world_.restart(0);
    world_.restart(1);
    const std::uint64_t read = world_.send(world_.leader(), get("k"));
    ASSERT_TRUE(world_.until([&] { return world_.heard(read) != nullptr; }));
    EXPECT_EQ(world_.heard(read)->kind, ReplyKind::not_found);
    EXPECT_GT(world_.now_ms(), end);
}

TEST_F(ExpiryTest, TimeGoesOnWhereNobodyLeads) {
    set_key(60);
    const ClusterMs then = world_.replica(0).cluster_time();
    world_.pass(second);
    EXPECT_NEAR(static_cast<double>(world_.replica(0).cluster_time() - then), second, 5);
    world_.kill(1);
    world_.kill(2);
    world_.pass(12 * second);
    EXPECT_NEAR(static_cast<double>(world_.replica(0).cluster_time() - then), 13 * second, 10);
}

// The first that a process hears after its start may be a heartbeat of long ago, and nothing else
// comes from who leads no more. `know_nothing`: how many others were started anew.
void expect_a_key_to_end_in_time(std::uint64_t seed, std::uint32_t know_nothing) {
    World world{3, seed};
    world.ask(set("k", "v", 5));
    const std::int64_t end = world.now_ms() + 5 * second;
    world.pass(second);
    const std::uint32_t old_leader = world.leader();
    for (std::uint32_t i = 1; i <= know_nothing; ++i) {
        const std::uint32_t id = (old_leader + i) % 3;
        world.kill(id);
        world.process(id).reboot();
        world.restart(id);
    }
    world.weather.reorder = 95;  // much is on its way
    world.pass(static_cast<std::int64_t>(seed) % 60);
    world.kill(old_leader);
    world.stand_still(second);
    world.weather.reorder = 0;
    world.pass(end - bound - world.now_ms());
    EXPECT_EQ(world.ask(get("k")).kind, ReplyKind::value) << seed;
    world.pass(end + bound - world.now_ms());
    EXPECT_EQ(world.ask(get("k")).kind, ReplyKind::not_found) << seed;
}

TEST(LateClockTest, WhoHasHeardItLateAndThenLeadsAsksWhoKnowsIt) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) expect_a_key_to_end_in_time(seed, 1);
}

TEST(LateClockTest, WhereAllHaveHeardItLateWallClocksTellHowLate) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) expect_a_key_to_end_in_time(seed, 2);
}

}  // namespace
}  // namespace raftkv::replica
