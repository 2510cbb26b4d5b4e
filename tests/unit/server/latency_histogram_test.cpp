#include "node/server/latency_histogram.hpp"

#include <gtest/gtest.h>

namespace raftkv::server {
namespace {

TEST(LatencyHistogram, says_nothing_of_nothing) {
    LatencyHistogram histogram;
    EXPECT_EQ(histogram.count(), 0u);
    EXPECT_EQ(histogram.mean_us(), 0u);
    EXPECT_EQ(histogram.percentile_us(0.99), 0u);
}

TEST(LatencyHistogram, percentiles_are_right_within_a_quarter) {
    LatencyHistogram histogram;
    for (std::uint64_t us = 1; us <= 10'000; ++us) histogram.add(us);
    for (double fraction : {0.1, 0.5, 0.9, 0.99}) {
        double exact = fraction * 10'000;
        EXPECT_GE(histogram.percentile_us(fraction), exact);
        EXPECT_LE(histogram.percentile_us(fraction), exact * 1.25);
    }
    EXPECT_EQ(histogram.percentile_us(1), 10'000u);
    EXPECT_EQ(histogram.max_us(), 10'000u);
    EXPECT_EQ(histogram.mean_us(), 5'000u);
}

TEST(LatencyHistogram, counts_exactly_up_to_one_less_than_a_power_of_two) {
    LatencyHistogram histogram;
    for (std::uint64_t us = 0; us < 5000; ++us) histogram.add(us);
    for (std::uint64_t power = 1; power <= 4096; power *= 2) {
        EXPECT_EQ(histogram.at_most(power - 1), power);
    }
}

TEST(LatencyHistogram, takes_hours_too) {
    LatencyHistogram histogram;
    histogram.add(std::uint64_t{3600} * 1'000'000);
    EXPECT_EQ(histogram.count(), 1u);
    EXPECT_EQ(histogram.max_us(), 3'600'000'000u);
}

}  // namespace
}  // namespace raftkv::server
