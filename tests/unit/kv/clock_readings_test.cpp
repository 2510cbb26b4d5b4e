#include "node/kv/clock_readings.hpp"

#include <gtest/gtest.h>

namespace raftkv::kv {
namespace {

constexpr std::int64_t readings_second = 1'000'000;
constexpr std::int64_t readings_day = 86'400 * readings_second;
constexpr std::int64_t year = 365 * readings_day;
constexpr std::int64_t truth = 55 * year;
const std::vector<NodeId> two{NodeId(1), NodeId(2)},
    four{NodeId(1), NodeId(2), NodeId(3), NodeId(4)};

// What was asked at the time 0 is answered `took_us` later.
void answer(ClockReadings& readings, std::uint64_t server, bool of_cluster, std::int64_t us,
            std::int64_t took_us = 0) {
    readings.asked(1, BootUs(0));
    readings.answered(NodeId(server), 1, of_cluster, us, BootUs(took_us));
}

// What a leader chooses with nothing in its log, or with stamps up to `least`.
ClockReadings::Choice choose(const ClockReadings& readings, std::int64_t own_wall,
                             std::int64_t least = 0, const std::vector<NodeId>& others = two) {
    return readings.choose(others, ClusterUs(own_wall), ClusterUs(least), BootUs(0));
}

TEST(ClockReadings, OneServerHasItsOwnClock) {
    const auto choice = choose({}, truth, 0, {});
    EXPECT_EQ(choice.time, ClusterUs(truth));
    EXPECT_EQ(choice.patience_us, 0);
}

TEST(ClockReadings, ALeaderThatNobodyAnswersWaits) {
    EXPECT_GT(choose({}, truth).patience_us, readings_day);
    ClockReadings readings;
    answer(readings, 1, false, truth);
    EXPECT_GT(choose(readings, truth, 0, four).patience_us, readings_day);
}

TEST(ClockReadings, WhoKnowsTheClusterClockDecides) {
    ClockReadings readings;
    answer(readings, 1, false, truth + year);
    answer(readings, 2, true, truth);
    const auto choice = choose(readings, truth + year);
    EXPECT_EQ(choice.time, ClusterUs(truth));
    EXPECT_EQ(choice.patience_us, 0);
}

TEST(ClockReadings, OfThreeWallClocksOneThatIsYearsWrongDecidesNothing) {
    for (std::int64_t wrong : {-30 * year, -readings_day, readings_day, 1000 * year}) {
        for (int which = 0; which < 3; ++which) {
            const auto wall = [&](int server) { return server == which ? truth + wrong : truth; };
            ClockReadings readings;
            answer(readings, 1, false, wall(1));
            answer(readings, 2, false, wall(2));
            for (std::int64_t least : {std::int64_t{0}, truth - readings_second}) {
                const auto choice = choose(readings, wall(0), least);
                EXPECT_EQ(choice.time, ClusterUs(truth));
                EXPECT_EQ(choice.patience_us, 0);
            }
        }
    }
}

TEST(ClockReadings, OfTwoThatDoNotAgreeAThirdOneIsWaitedFor) {
    ClockReadings readings;
    answer(readings, 1, false, truth);
    const std::int64_t while_they_agree = choose(readings, truth).patience_us;
    EXPECT_GT(while_they_agree, 0);
    EXPECT_GT(choose(readings, truth + readings_day).patience_us, while_they_agree);
    answer(readings, 2, false, truth);
    EXPECT_EQ(choose(readings, truth + readings_day).patience_us, 0);
}

// The third one does not come.
TEST(ClockReadings, OfTwoThatDoNotAgreeNeitherShortensALife) {
    ClockReadings readings;
    answer(readings, 1, false, truth);
    EXPECT_EQ(choose(readings, truth + year).time, ClusterUs(truth));
    // What is before the last stamp is wrong.
    EXPECT_EQ(choose(readings, truth - year, truth - readings_day).time, ClusterUs(truth));
}

TEST(ClockReadings, AMajorityOfFiveIsNotMisledByOne) {
    ClockReadings readings;
    answer(readings, 1, false, truth);
    answer(readings, 2, false, truth + 20'000);
    const auto choice = choose(readings, truth + year, truth - readings_day, four);
    EXPECT_EQ(choice.time, ClusterUs(truth + 20'000));
    EXPECT_LE(choice.patience_us, readings_second);
}

TEST(ClockReadings, ItIsNeverBeforeTheLastStamp) {
    ClockReadings readings;
    answer(readings, 1, false, truth);
    answer(readings, 2, false, truth);
    EXPECT_EQ(choose(readings, truth, truth + 1000).time, ClusterUs(truth + 1000));
    EXPECT_EQ(choose(readings, truth, truth + year).time, ClusterUs(truth + year));
}

TEST(ClockReadings, AReadingGoesOnWithTime) {
    ClockReadings readings;
    answer(readings, 1, true, truth);
    const auto choice =
        readings.choose(two, ClusterUs(0), ClusterUs(0), BootUs(5 * readings_second));
    EXPECT_EQ(choice.time, ClusterUs(truth + 5 * readings_second));
}

TEST(ClockReadings, WhatWasNotAskedOrLongAgoTellsNothing) {
    ClockReadings readings;
    readings.asked(7, BootUs(0));
    readings.answered(NodeId(1), 6, true, truth, BootUs(0));
    readings.answered(NodeId(1), 7, true, truth, BootUs(10 * readings_second));
    EXPECT_GT(choose(readings, truth).patience_us, readings_day);
}

// The leader did not run meanwhile, or a link held it back: it shows a time that is long over.
TEST(ClockReadings, AnAnswerThatTookLongWaitsForOneThatDidNot) {
    for (const bool of_cluster : {false, true}) {
        ClockReadings readings;
        answer(readings, 1, of_cluster, truth, readings_second);
        EXPECT_GT(choose(readings, truth).patience_us, readings_second);
        readings.asked(2, BootUs(readings_second));
        readings.answered(NodeId(1), 2, of_cluster, truth + readings_second,
                          BootUs(readings_second));
        EXPECT_LT(choose(readings, truth).patience_us, readings_second);
        EXPECT_EQ(choose(readings, truth).time, ClusterUs(truth));
    }
}

TEST(ClockReadings, OfTheSameServerTheQuickerAnswerCounts) {
    ClockReadings readings;
    answer(readings, 1, true, truth + 10'000, 10'000);
    answer(readings, 1, true, truth + 10'000, 200'000);
    EXPECT_EQ(choose(readings, 0).time, ClusterUs(truth));
    // But its clock may have been set back.
    const std::int64_t later = 10 * readings_second;
    readings.asked(2, BootUs(later));
    readings.answered(NodeId(1), 2, true, truth, BootUs(later + 20'000));
    EXPECT_EQ(readings.choose(two, ClusterUs(0), ClusterUs(0), BootUs(later + 20'000)).time,
              ClusterUs(truth));
}

}  // namespace
}  // namespace raftkv::kv
