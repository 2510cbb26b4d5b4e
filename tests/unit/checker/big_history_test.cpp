// Long histories of many clients: correct ones pass, and one wrong answer among a hundred thousand
// does not.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "cli/test/checker/linearizability.hpp"
#include "tests/unit/checker/big_history.hpp"
#include "tests/unit/sanitized.hpp"

namespace raftkv::test {
namespace {

double cpu_seconds() {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// The most memory that this process ever had, in MiB.
double peak_mib() {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

TEST(BigHistory, IsDecidedInTwoSecondsAnd256MiB) {
    const History history = correct_big_history({}, 1);
    ASSERT_EQ(history.size(), 100'000u);
    const double before = cpu_seconds();
    const CheckResult result = check_linearizable(history, Limits{}, CheckBudget{});
    const double seconds = cpu_seconds() - before;
    EXPECT_EQ(result.outcome, Linearizable::yes) << result.explanation;
    EXPECT_EQ(result.keys, 1000u);
    std::printf("100,000 operations on 1,000 keys: %.3f s, %.0f MiB in all, %llu steps\n", seconds,
                peak_mib(), static_cast<unsigned long long>(result.steps));
    if (is_sanitized) return;
    EXPECT_LT(seconds, 2.0);
    // With the history itself, and whatever the tests before this one took.
    EXPECT_LT(peak_mib(), 256);
}

TEST(BigHistory, OfOneKeyThatAllFightOverIsDecided) {
    const History history = correct_big_history({20'000, 1, 32, 0}, 2);
    const CheckResult result = check_linearizable(history, Limits{}, CheckBudget{});
    EXPECT_EQ(result.outcome, Linearizable::yes) << result.explanation;
}

TEST(BigHistory, WithManyUnansweredWritesIsDecided) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        const History history = correct_big_history({20'000, 200, 32, 30}, 3 + seed);
        const CheckResult result = check_linearizable(history, Limits{}, CheckBudget{});
        EXPECT_EQ(result.outcome, Linearizable::yes) << seed << ": " << result.explanation;
    }
}

struct Plant {
    const char* name;
    Planted (*plant)(History&, std::mt19937_64&);
};

class PlantedAnomaly : public ::testing::TestWithParam<Plant> {};

TEST_P(PlantedAnomaly, IsFoundWhereverItIs) {
    const History correct = correct_big_history({20'000, 1000, 32, 3}, 7);
    ASSERT_EQ(check_linearizable(correct, Limits{}, CheckBudget{}).outcome, Linearizable::yes);
    std::mt19937_64 random(8);
    for (int round = 0; round < (is_sanitized ? 5 : 20); ++round) {
        History history = correct;
        const Planted key = GetParam().plant(history, random);
        ASSERT_TRUE(key.has_value());
        const CheckResult result = check_linearizable(history, Limits{}, CheckBudget{});
        ASSERT_EQ(result.outcome, Linearizable::no) << "round " << round << ", key " << *key;
        const auto lines = std::count(result.explanation.begin(), result.explanation.end(), '\n');
        EXPECT_LE(lines, 8) << result.explanation;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Every, PlantedAnomaly,
    ::testing::Values(Plant{"StaleRead", plant_stale_read}, Plant{"LostWrite", plant_lost_write},
                      Plant{"DoubleApply", plant_double_apply},
                      Plant{"UndeletedKey", plant_undeleted_key},
                      Plant{"UnexpiredKey", plant_unexpired_key},
                      Plant{"ReusedVersion", plant_reused_version},
                      Plant{"OldValueWithNewVersion", plant_old_value_with_new_version}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace raftkv::test
