#include "node/kv/cluster_clock.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "node/kv/command.hpp"

namespace raftkv::kv {
namespace {

constexpr std::int64_t clock_second = 1'000'000;
constexpr std::int64_t clock_day = 86'400 * clock_second;
constexpr std::int64_t heartbeat = 50'000;

TEST(ClusterClock, IsUnknownUntilItIsTold) {
    ClusterClock clock(clock_second);
    EXPECT_FALSE(clock.is_known());
    EXPECT_EQ(clock.ahead_us(), std::nullopt);
    clock.heard(ClusterUs(1000 * clock_second), BootUs(7));
    ASSERT_TRUE(clock.is_known());
    EXPECT_EQ(clock.at(BootUs(7)), ClusterUs(1000 * clock_second));
}

TEST(ClusterClock, GoesWithTheBootTimeClockHoweverLongNothingIsHeard) {
    ClusterClock clock(clock_second);
    clock.set(ClusterUs(1000 * clock_second), BootUs(0));
    for (std::int64_t now : {std::int64_t{1}, clock_second, clock_day, 10'000 * clock_day})
        EXPECT_EQ(clock.at(BootUs(now)), ClusterUs(1000 * clock_second + now));
}

TEST(ClusterClock, IsRaisedToTheLastStampAndNeverLowered) {
    ClusterClock clock(clock_second);
    clock.set(ClusterUs(100), BootUs(0));
    clock.raise(ClusterUs(50), BootUs(0));
    EXPECT_EQ(clock.at(BootUs(0)), ClusterUs(100));
    clock.raise(ClusterUs(150), BootUs(10));
    EXPECT_EQ(clock.at(BootUs(10)), ClusterUs(150));
    EXPECT_EQ(clock.at(BootUs(20)), ClusterUs(160));
}

TEST(ClusterClock, TakesTheReadingThatWasOnItsWayForTheLeastTime) {
    ClusterClock clock(clock_second);
    const std::int64_t ahead = 5 * clock_day;
    const std::int64_t delays[] = {9000, 200, 40'000, 3000, 200'000};
    std::int64_t now = 0;
    for (std::int64_t delay : delays) {
        now += heartbeat;
        clock.heard(ClusterUs(ahead + now - delay), BootUs(now));
    }
    EXPECT_EQ(clock.ahead_us(), ahead - 200);
}

// Seconds of heartbeats wait while this process does not run, and then all come at once.
TEST(ClusterClock, ReadingsThatHaveWaitedDoNotMoveIt) {
    ClusterClock clock(clock_second);
    std::int64_t now = 0;
    for (; now < 5 * clock_second; now += heartbeat)
        clock.heard(ClusterUs(clock_day + now), BootUs(now));
    const std::int64_t woken = now + 60 * clock_second;
    for (; now <= woken; now += heartbeat) {
        clock.heard(ClusterUs(clock_day + now), BootUs(woken));
        ASSERT_EQ(clock.ahead_us(), clock_day);
    }
}

TEST(ClusterClock, FollowsALeaderWhoseClockGoesSlower) {
    ClusterClock clock(clock_second);
    const auto leaders = [](std::int64_t now) { return clock_day + now - now / 1000; };
    for (std::int64_t now = 0; now < 1000 * clock_second; now += heartbeat) {
        clock.heard(ClusterUs(leaders(now)), BootUs(now));
        const std::int64_t error = clock.at(BootUs(now)).value() - leaders(now);
        ASSERT_GE(error, 0);
        ASSERT_LE(error, 3000);  // what it goes apart in three windows
    }
}

TEST(ClusterClock, FollowsALeaderWhoseClockGoesFasterAtOnce) {
    ClusterClock clock(clock_second);
    const auto leaders = [](std::int64_t now) { return clock_day + now + now / 20; };
    for (std::int64_t now = 0; now < 100 * clock_second; now += heartbeat) {
        clock.heard(ClusterUs(leaders(now)), BootUs(now));
        ASSERT_EQ(clock.at(BootUs(now)), ClusterUs(leaders(now)));
    }
}

TEST(ClusterClock, ComesDownToANewLeadersWithinTwoWindows) {
    ClusterClock clock(clock_second);
    clock.set(ClusterUs(clock_day + 3 * clock_second), BootUs(0));
    for (std::int64_t now = heartbeat; now <= 3 * clock_second; now += heartbeat)
        clock.heard(ClusterUs(clock_day + now), BootUs(now));
    EXPECT_EQ(clock.ahead_us(), clock_day);
}

// A message that is far ahead of the others was made up; a clock that is, is true.
TEST(ClusterClock, AReadingThatIsFarHigherCountsOnceNothingSpeaksAgainstIt) {
    ClusterClock clock(clock_second);
    clock.set(ClusterUs(clock_day), BootUs(0));
    std::int64_t now = 0;
    for (; now < 10 * clock_second; now += heartbeat) {
        clock.heard(ClusterUs(1000 * clock_day), BootUs(now));
        clock.heard(ClusterUs(clock_day + now - 500), BootUs(now));
        ASSERT_LE(clock.at(BootUs(now)), ClusterUs(clock_day + now));
    }
    const std::int64_t stopped = now + 60 * clock_second;  // this machine, not the leader's
    for (; now < stopped; now += heartbeat)
        clock.heard(ClusterUs(clock_day + now + 60 * clock_second), BootUs(now));
    EXPECT_EQ(clock.at(BootUs(now)), ClusterUs(clock_day + now + 60 * clock_second));
}

// A process that does not run, or a link that holds back: what comes first is as old as that.
TEST(ClusterClock, IsNotSureOfWhatCameAllAtOnce) {
    ClusterClock clock(clock_second);
    std::int64_t now = 10 * clock_second;
    for (int burst = 0; burst < 20; ++burst, now += clock_second * 3 / 4) {
        for (std::int64_t sent = now - clock_second / 2; sent < now; sent += heartbeat) {
            clock.heard(ClusterUs(clock_day + sent - clock_second), BootUs(now));
            ASSERT_FALSE(clock.is_sure());
        }
    }
    EXPECT_TRUE(clock.is_known());
}

TEST(ClusterClock, IsSureOfWhatReadingsAgreeWithForAWhile) {
    ClusterClock clock(clock_second);
    clock.heard(ClusterUs(clock_day - 3 * clock_second), BootUs(0));  // late
    std::int64_t now = heartbeat;
    for (; now <= clock_second / 2; now += heartbeat) {
        clock.heard(ClusterUs(clock_day + now), BootUs(now));
        ASSERT_EQ(clock.ahead_us(), clock_day);
        ASSERT_FALSE(clock.is_sure());
    }
    clock.raise(ClusterUs(clock_day + now + 1), BootUs(now));
    EXPECT_FALSE(clock.is_sure());
    clock.heard(ClusterUs(clock_day + now), BootUs(now));
    EXPECT_TRUE(clock.is_sure());
}

TEST(ClusterClock, IsSureOfWhatItWasSetTo) {
    ClusterClock clock(clock_second);
    clock.heard(ClusterUs(clock_day), BootUs(0));
    EXPECT_FALSE(clock.is_sure());
    clock.set(ClusterUs(clock_day), BootUs(0));
    EXPECT_TRUE(clock.is_sure());
}

// Somebody made it up, far ahead: it is never believed for good.
TEST(ClusterClock, IsNotSureOfWhatOthersContradict) {
    ClusterClock clock(clock_second);
    clock.heard(ClusterUs(1000 * clock_day), BootUs(0));
    std::int64_t now = 0;
    for (; clock.ahead_us() != clock_day; now += heartbeat) {
        ASSERT_FALSE(clock.is_sure());
        ASSERT_LE(now, 3 * clock_second);
        clock.heard(ClusterUs(clock_day + now), BootUs(now));
    }
    for (const std::int64_t end = now + 2 * clock_second; now < end; now += heartbeat)
        clock.heard(ClusterUs(clock_day + now), BootUs(now));
    EXPECT_TRUE(clock.is_sure());
    EXPECT_EQ(clock.ahead_us(), clock_day);
}

TEST(ClusterClock, StaysWithinTheBoundsOfAStampWhateverIsHeard) {
    std::mt19937_64 random(1);
    const std::int64_t extremes[] = {std::numeric_limits<std::int64_t>::min(), -1, 0, 1'000'000,
                                     std::numeric_limits<std::int64_t>::max()};
    ClusterClock clock(clock_second);
    std::int64_t now = 0;
    for (int i = 0; i < 10'000; ++i) {
        now += static_cast<std::int64_t>(random() % clock_second);
        clock.heard(ClusterUs(extremes[random() % 5]), BootUs(now));
        ASSERT_GE(clock.at(BootUs(now)), ClusterUs(0));
        ASSERT_LE(in_ms(clock.at(BootUs(now))), max_stamp);
    }
}

}  // namespace
}  // namespace raftkv::kv
