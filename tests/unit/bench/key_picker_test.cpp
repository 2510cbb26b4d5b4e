#include "cli/bench/load/key_picker.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

namespace raftkv::bench {
namespace {

std::vector<std::uint64_t> picks(std::uint64_t count, Distribution distribution, int tries) {
    KeyPicker picker(count, distribution);
    Random random(11);
    std::vector<std::uint64_t> counts(count, 0);
    for (int i = 0; i < tries; ++i) {
        const std::uint64_t key = picker.next(random);
        if (key >= count) {
            ADD_FAILURE() << key << " of " << count;
            break;
        }
        ++counts[key];
    }
    return counts;
}

TEST(KeyPicker, UniformPicksAllAlike) {
    const auto counts = picks(10, Distribution::uniform, 100'000);
    for (std::uint64_t count : counts) EXPECT_NEAR(static_cast<double>(count), 10'000, 500);
}

// Against the formula: the sum of all heights, and each height's share of it.
TEST(KeyPicker, ZipfPicksEachAsOftenAsTheFormulaSays) {
    for (std::uint64_t size : {1u, 2u, 3u, 100u, 5'000u}) {
        double sum = 0;
        for (std::uint64_t k = 1; k <= size; ++k) sum += std::pow(k, -KeyPicker::exponent);
        constexpr int tries = 200'000;
        const auto counts = picks(size, Distribution::zipf, tries);
        for (std::uint64_t k = 1; k <= std::min<std::uint64_t>(size, 20); ++k) {
            const double expected = tries * std::pow(k, -KeyPicker::exponent) / sum;
            EXPECT_NEAR(static_cast<double>(counts[k - 1]), expected, 6 * std::sqrt(expected) + 1)
                << k << " of " << size;
        }
    }
}

TEST(KeyPicker, ZipfReachesTheLastKeyToo) {
    const auto counts = picks(50, Distribution::zipf, 50'000);
    EXPECT_GT(counts.back(), 0u);
}

TEST(KeyPicker, ZipfOfVeryManyStaysInside) {
    constexpr std::uint64_t size = 100'000'000;
    KeyPicker picker(size, Distribution::zipf);
    Random random(3);
    for (int i = 0; i < 100'000; ++i) ASSERT_LT(picker.next(random), size);
}

TEST(KeyPicker, InTurnGoesRound) {
    KeyPicker picker(3, Distribution::in_turn);
    Random random(1);
    for (std::uint64_t expected : {0u, 1u, 2u, 0u, 1u}) EXPECT_EQ(picker.next(random), expected);
}

TEST(Random, OfTheSameSeedIsTheSameAndFillsTheUnitInterval) {
    Random one(5), two(5), other(6);
    std::set<std::uint64_t> seen;
    double low = 1, high = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t number = one.next();
        EXPECT_EQ(number, two.next());
        seen.insert(number);
        const double unit = other.unit();
        low = std::min(low, unit);
        high = std::max(high, unit);
    }
    EXPECT_EQ(seen.size(), 10'000u);
    EXPECT_GE(low, 0);
    EXPECT_LT(low, 0.01);
    EXPECT_LT(high, 1);
    EXPECT_GT(high, 0.99);
}

}  // namespace
}  // namespace raftkv::bench
