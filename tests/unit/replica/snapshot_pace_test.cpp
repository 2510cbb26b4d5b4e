#include "node/replica/snapshot_pace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace raftkv::replica {
namespace {

constexpr std::uint64_t kib = 1 << 10, mib = 1 << 20;
constexpr std::uint64_t chunk_bytes = 64 * kib;
constexpr std::uint64_t data = 160 * mib;

// Reads what a turn may read, and says how many bytes that were.
std::uint64_t turn(SnapshotPace& pace, MonotonicMs now, const SnapshotPace::Pile& pile = {}) {
    std::uint64_t bytes = 0;
    for (int left = pace.chunks(now, pile); left > 0 && pace.chunks(now, pile) > 0; --left) {
        pace.read(now, chunk_bytes);
        bytes += chunk_bytes;
    }
    return bytes;
}

TEST(SnapshotPace, TakesItsTimeWhenNothingPilesUp) {
    SnapshotPace pace(MonotonicMs(1000));
    std::uint64_t read = 0;
    std::uint64_t most = 0;
    for (std::int64_t us = 0; us < 10'000'000; us += 200) {
        const std::uint64_t bytes = turn(pace, MonotonicMs(1000 + us / 1000));
        most = std::max(most, bytes);
        read += bytes;
    }
    EXPECT_EQ(most, chunk_bytes);  // so many a turn that nobody notices
    EXPECT_NEAR(double(read) / mib, 80, 4);
}

TEST(SnapshotPace, AsksForNoTurnBeforeItIsTime) {
    SnapshotPace pace(MonotonicMs(0));
    while (turn(pace, MonotonicMs(0)) > 0) continue;
    EXPECT_EQ(pace.chunks(MonotonicMs(4), {}), 0);
    EXPECT_EQ(pace.chunks(MonotonicMs(8), {}), 1);
}

TEST(SnapshotPace, DoesNotMakeUpForAPause) {
    SnapshotPace pace(MonotonicMs(0));
    while (turn(pace, MonotonicMs(0)) > 0) continue;
    std::uint64_t read = 0;
    for (std::int64_t ms = 10'000; ms < 10'100; ++ms) read += turn(pace, MonotonicMs(ms));
    EXPECT_LE(read, mib);
}

TEST(SnapshotPace, HaltsNothingThatIsSmall) {
    SnapshotPace pace(MonotonicMs(0));
    for (int i = 0; i < 64; ++i) {
        EXPECT_EQ(pace.chunks(MonotonicMs(0), {}), 1);
        pace.read(MonotonicMs(0), kib);
    }
}

// No time passes at all: what is read is read for the log's sake.
TEST(SnapshotPace, EndsBeforeTheLogHasGrownByThreeQuartersOfTheData) {
    SnapshotPace pace(MonotonicMs(0));
    SnapshotPace::Pile pile;
    std::uint64_t read = 0;
    while (read < data) {
        pile.logged_bytes += 20 * kib;  // of a turn
        const std::uint64_t bytes = turn(pace, MonotonicMs(0), pile);
        EXPECT_LE(bytes, chunk_bytes);
        read += bytes;
        ASSERT_LE(pile.logged_bytes, data * 3 / 4 + 20 * kib);
    }
    EXPECT_GE(pile.logged_bytes, data * 3 / 4 - mib);
}

// Each write takes away something that is still to be read: large values become small ones, which
// the log hardly shows.
TEST(SnapshotPace, KeepsNoMoreThanAnEighthOfTheData) {
    SnapshotPace pace(MonotonicMs(0));
    SnapshotPace::Pile pile;
    std::uint64_t read = 0;
    std::mt19937 random(7);
    while (read < data) {
        pile.kept_bytes += random() % (128 * kib);
        read += turn(pace, MonotonicMs(0), pile);
        ASSERT_LE(pile.kept_bytes, data / 8 + mib);
    }
}

TEST(SnapshotPace, HurriesWhenItIsFarBehind) {
    SnapshotPace pace(MonotonicMs(0));
    EXPECT_EQ(turn(pace, MonotonicMs(0), {0, mib}), 8 * chunk_bytes);
}

}  // namespace
}  // namespace raftkv::replica
