#include "node/kv/cluster_clock.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace raftkv::kv {
namespace {

constexpr std::int64_t hour = 3'600'000;

TEST(ClusterClock, StartsAtWallTimeWhenThereWasNoStampYet) {
    ClusterClock clock(ClusterMs(0), MonotonicMs(77), WallMs(1'000'000));
    EXPECT_EQ(clock.read(MonotonicMs(77), WallMs(1'000'000)), ClusterMs(1'000'000));
    ClusterClock before_1970(ClusterMs(0), MonotonicMs(0), WallMs(-5));
    EXPECT_EQ(before_1970.read(MonotonicMs(0), WallMs(-5)), ClusterMs(0));
}

TEST(ClusterClock, StartsAtTheStateMachinesClock) {
    for (std::int64_t wall : {std::int64_t{0}, 10 * hour}) {
        ClusterClock clock(ClusterMs(hour), MonotonicMs(5), WallMs(wall));
        EXPECT_EQ(clock.read(MonotonicMs(5), WallMs(wall)), ClusterMs(hour));
    }
}

TEST(ClusterClock, GoesWithWallTimeOnceItIsThere) {
    ClusterClock clock(ClusterMs(1000), MonotonicMs(0), WallMs(1000));
    for (std::int64_t now = 1; now < 1000; ++now) {
        ASSERT_EQ(clock.read(MonotonicMs(now), WallMs(1000 + now)), ClusterMs(1000 + now));
    }
}

TEST(ClusterClock, CatchesUpAtDoubleSpeedWithTimeThatPassedWithoutALeader) {
    // An hour without a leader takes an hour to catch up with, and then it is there.
    const auto wall = [](std::int64_t now) { return WallMs(1000 + hour + now); };
    ClusterClock clock(ClusterMs(1000), MonotonicMs(0), wall(0));
    EXPECT_EQ(clock.read(MonotonicMs(10), wall(10)), ClusterMs(1020));
    EXPECT_EQ(clock.read(MonotonicMs(hour - 1), wall(hour - 1)), ClusterMs(1000 + 2 * hour - 2));
    EXPECT_EQ(clock.read(MonotonicMs(hour), wall(hour)), ClusterMs(1000 + 2 * hour));
    EXPECT_EQ(clock.read(MonotonicMs(hour + 7), wall(hour + 7)), ClusterMs(1000 + 2 * hour + 7));
}

TEST(ClusterClock, GoesAtHalfSpeedWhileItIsAhead) {
    ClusterClock clock(ClusterMs(10'000), MonotonicMs(0), WallMs(9'000));
    EXPECT_EQ(clock.read(MonotonicMs(1000), WallMs(10'000)), ClusterMs(10'500));
    EXPECT_EQ(clock.read(MonotonicMs(2000), WallMs(11'000)), ClusterMs(11'000));
    EXPECT_EQ(clock.read(MonotonicMs(3000), WallMs(12'000)), ClusterMs(12'000));
}

TEST(ClusterClock, GoesAtHalfSpeedHoweverOftenItIsRead) {
    ClusterClock clock(ClusterMs(10'000), MonotonicMs(0), WallMs(0));
    ClusterMs time;
    for (std::int64_t now = 1; now <= 1000; ++now) time = clock.read(MonotonicMs(now), WallMs(now));
    EXPECT_EQ(time, ClusterMs(10'500));
    for (int i = 0; i < 100; ++i) time = clock.read(MonotonicMs(1000), WallMs(1000));
    EXPECT_EQ(time, ClusterMs(10'500));
}

TEST(ClusterClock, StandsStillWhileNoTimePasses) {
    ClusterClock clock(ClusterMs(1000), MonotonicMs(0), WallMs(0));
    EXPECT_EQ(clock.read(MonotonicMs(0), WallMs(hour)), ClusterMs(1000));
    EXPECT_EQ(clock.read(MonotonicMs(0), WallMs(-hour)), ClusterMs(1000));
}

TEST(ClusterClock, IsNotMovedAtOnceByAWallClockThatJumps) {
    ClusterClock clock(ClusterMs(hour), MonotonicMs(0), WallMs(hour));
    EXPECT_EQ(clock.read(MonotonicMs(100), WallMs(1000 * hour)), ClusterMs(hour + 200));
    EXPECT_EQ(clock.read(MonotonicMs(200), WallMs(0)), ClusterMs(hour + 250));
}

TEST(ClusterClock, KeepsItsSpeedWithinHalfAndDoubleUnderAnyWallClock) {
    std::mt19937_64 random(1);
    const std::int64_t extremes[] = {std::numeric_limits<std::int64_t>::min(), -1, 0, 1'000'000,
                                     std::numeric_limits<std::int64_t>::max()};
    for (int round = 0; round < 200; ++round) {
        const std::int64_t start = 1 + static_cast<std::int64_t>(random() % 1'000'000);
        ClusterClock clock{ClusterMs(start), MonotonicMs(0), WallMs(0)};
        ClusterMs before(start);
        std::int64_t now = 0;
        for (int i = 0; i < 200; ++i) {
            now += static_cast<std::int64_t>(random() % 20);
            const bool extreme = random() % 4 == 0;
            const std::int64_t wall = extreme ? extremes[random() % 5]
                                              : start + static_cast<std::int64_t>(random() % 9999);
            const ClusterMs time = clock.read(MonotonicMs(now), WallMs(wall));
            ASSERT_GE(time, before);
            ASSERT_LE(time, ClusterMs(start + 2 * now));
            ASSERT_GE(time, ClusterMs(start + (now - 1) / 2));
            before = time;
        }
    }
}

TEST(ClusterClockDeathTest, NeedsAMonotonicClockThatIsOne) {
    ClusterClock clock(ClusterMs(1), MonotonicMs(10), WallMs(0));
    EXPECT_DEATH(clock.read(MonotonicMs(8), WallMs(0)), "invariant broken");
}

}  // namespace
}  // namespace raftkv::kv
