#include "cli/bench/load/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "cli/bench/load/key_picker.hpp"

namespace raftkv::bench {
namespace {

// Remembers everything, and sorts.
std::int64_t naive_percentile(std::vector<std::int64_t> all, double fraction) {
    std::sort(all.begin(), all.end());
    const double wanted = std::ceil(fraction * static_cast<double>(all.size()));
    return all[static_cast<std::size_t>(std::max(wanted, 1.0)) - 1];
}

constexpr double fractions[] = {0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1};

TEST(Histogram, AgreesWithItsNaiveTwinWithinItsPrecision) {
    Random random(7);
    for (std::int64_t size : {1, 2, 10, 1'000, 30'000}) {
        Histogram histogram;
        std::vector<std::int64_t> all;
        for (std::int64_t i = 0; i < size; ++i) {
            // From nanoseconds to minutes, each magnitude as often.
            const auto ns = static_cast<std::int64_t>(std::exp2(random.unit() * 38));
            histogram.add(ns);
            all.push_back(ns);
        }
        for (double fraction : fractions) {
            const std::int64_t exact = naive_percentile(all, fraction);
            const std::int64_t found = histogram.percentile(fraction);
            EXPECT_GE(found, exact) << size << " " << fraction;
            EXPECT_LE(static_cast<double>(found), static_cast<double>(exact) * (1 + 1.0 / 128))
                << size << " " << fraction;
        }
        EXPECT_EQ(histogram.max(), *std::max_element(all.begin(), all.end()));
        EXPECT_EQ(histogram.count(), all.size());
    }
}

TEST(Histogram, IsExactForShortTimes) {
    Histogram histogram;
    for (std::int64_t ns = 0; ns < 256; ++ns) histogram.add(ns);
    for (std::int64_t ns = 0; ns < 256; ++ns) {
        EXPECT_EQ(histogram.percentile(static_cast<double>(ns + 1) / 256), ns);
    }
    EXPECT_DOUBLE_EQ(histogram.mean(), 127.5);
}

TEST(Histogram, SumsUpToTheSameAsOneOfAll) {
    Histogram one, two, both;
    for (std::int64_t ns = 1; ns < 5'000'000; ns = ns * 9 / 7 + 1) {
        (ns % 2 == 0 ? one : two).add(ns);
        both.add(ns);
    }
    one.add(two);
    for (double fraction : fractions) {
        EXPECT_EQ(one.percentile(fraction), both.percentile(fraction));
    }
    EXPECT_EQ(one.count(), both.count());
    EXPECT_EQ(one.max(), both.max());
    EXPECT_EQ(one.mean(), both.mean());
}

// As one process tells another.
TEST(Histogram, IsTheSameAfterItWasTakenApart) {
    Histogram whole, copy;
    for (std::int64_t ns = 1; ns < 5'000'000; ns = ns * 9 / 7 + 1) whole.add(ns, 3);
    whole.each([&](std::int64_t ns, std::uint64_t times) { copy.add(ns, times); });
    for (double fraction : fractions) {
        EXPECT_EQ(copy.percentile(fraction), whole.percentile(fraction));
    }
    EXPECT_EQ(copy.count(), whole.count());
    EXPECT_EQ(copy.max(), whole.max());
}

TEST(Histogram, TakesWhatIsLongerThanItsRange) {
    Histogram histogram;
    const std::int64_t hours = 3'600'000'000'000 * 5;
    histogram.add(1'000);
    histogram.add(hours);
    EXPECT_EQ(histogram.percentile(1), hours);
    EXPECT_NEAR(static_cast<double>(histogram.percentile(0.5)), 1'000, 8);
}

TEST(Histogram, OfNothingSaysNothing) {
    Histogram histogram;
    EXPECT_EQ(histogram.percentile(0.99), 0);
    EXPECT_EQ(histogram.mean(), 0);
    histogram.add(5);
    histogram.clear();
    EXPECT_EQ(histogram.count(), 0u);
    EXPECT_EQ(histogram.max(), 0);
}

}  // namespace
}  // namespace raftkv::bench
