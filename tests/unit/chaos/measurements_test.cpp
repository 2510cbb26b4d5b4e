#include "cli/test/chaos/measurements.hpp"

#include <gtest/gtest.h>

namespace raftkv::chaos {
namespace {

using protocol::Op;
using std::chrono::milliseconds;
using test::Operation;

const Instant epoch = Instant() + std::chrono::hours(1);

Instant at(int ms) {
    return epoch + milliseconds(ms);
}

Operation done(Op op, int start_ms, int end_ms, test::Outcome outcome = test::Outcome::ok) {
    Operation operation;
    operation.op = op;
    operation.outcome = outcome;
    operation.start = at(start_ms);
    operation.end = at(end_ms);
    return operation;
}

TEST(Measure, CountsByWhatBecameOfIt) {
    const History history = {
        done(Op::set, 0, 1),
        done(Op::del, 1, 2),
        done(Op::cas, 2, 3, test::Outcome::conflict),
        done(Op::del, 3, 4, test::Outcome::absent),
        done(Op::set, 4, 2'000, test::Outcome::unknown),
        done(Op::get, 5, 6),
        done(Op::getm, 6, 7, test::Outcome::absent),
        done(Op::getm, 7, 8, test::Outcome::not_done),
        done(Op::get, 8, 2'008, test::Outcome::not_done),
    };
    const Counts counts = measure(history, at(0), at(3'000)).counts;
    EXPECT_EQ(counts.operations, 9u);
    EXPECT_EQ(counts.acknowledged, 2u);
    EXPECT_EQ(counts.refused, 2u);
    EXPECT_EQ(counts.unknown, 1u);
    EXPECT_EQ(counts.reads, 2u);
    EXPECT_EQ(counts.turned_away, 1u);
    EXPECT_EQ(counts.gave_up, 1u);
}

TEST(Measure, SortsIntoBucketsByTheEnd) {
    const auto measured = measure({done(Op::set, 0, 99), done(Op::set, 50, 100),
                                   done(Op::set, 100, 250), done(Op::set, 0, 300)},
                                  at(0), at(300));
    EXPECT_EQ(measured.bucket_length, milliseconds(100));
    ASSERT_EQ(measured.buckets.size(), 3u);
    EXPECT_EQ(measured.buckets[0].counts.acknowledged, 1u);
    EXPECT_EQ(measured.buckets[1].counts.acknowledged, 1u);
    EXPECT_EQ(measured.buckets[2].counts.acknowledged, 1u);  // what ended at the end is outside
    EXPECT_EQ(measured.buckets[2].latency.max_ms, 150);
}

TEST(Measure, GivesPercentilesOfWhatWasAnswered) {
    History history;
    for (int i = 1; i <= 100; ++i) history.push_back(done(Op::get, 0, i));
    history.push_back(done(Op::set, 0, 900, test::Outcome::unknown));
    const Latency latency = measure(history, at(0), at(1'000)).latency;
    EXPECT_NEAR(latency.p50_ms, 50, 1);
    EXPECT_NEAR(latency.p99_ms, 99, 1);
    EXPECT_EQ(latency.max_ms, 100);
}

TEST(Measure, FindsTheTimesWithoutAWrite) {
    const auto measured = measure({done(Op::set, 0, 50), done(Op::set, 60, 149),
                                   done(Op::get, 150, 200), done(Op::set, 200, 400)},
                                  at(0), at(500));
    ASSERT_EQ(measured.unavailable.size(), 2u);
    EXPECT_EQ(measured.unavailable[0].from, at(149));
    EXPECT_EQ(measured.unavailable[0].to, at(400));
    EXPECT_EQ(measured.unavailable[1].from, at(400));
    EXPECT_EQ(measured.unavailable[1].to, at(500));
}

TEST(Measure, HasAFewHundredBucketsHoweverLongItWas) {
    for (int seconds : {1, 60, 600, 3'600, 36'000}) {
        const auto measured = measure({}, at(0), at(1'000 * seconds));
        EXPECT_LE(measured.buckets.size(), 300u);
        EXPECT_GE(measured.buckets.size(), 10u);
    }
}

TEST(Measure, HasNothingToSayOfNothing) {
    const auto measured = measure({}, at(0), at(0));
    EXPECT_EQ(measured.counts.operations, 0u);
    EXPECT_TRUE(measured.buckets.empty());
    EXPECT_TRUE(measured.unavailable.empty());
    EXPECT_EQ(measured.latency.max_ms, 0);
}

TEST(TimeUntilServed, CountsWritesThatWereSentAfterwards) {
    const History history = {done(Op::set, 0, 20), done(Op::get, 11, 12),
                             done(Op::set, 13, 90, test::Outcome::conflict), done(Op::set, 15, 50),
                             done(Op::set, 16, 40)};
    EXPECT_EQ(ms_until_served(history, at(10)), 30);
    EXPECT_EQ(ms_until_served(history, at(16)), std::nullopt);
}

}  // namespace
}  // namespace raftkv::chaos
