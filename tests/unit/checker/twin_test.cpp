// The checker and its naive twin on many histories of a handful of operations: they must agree.

#include <gtest/gtest.h>

#include "cli/test/checker/linearizability.hpp"
#include "tests/unit/checker/naive_checker.hpp"
#include "tests/unit/checker/tiny_history.hpp"
#include "tests/unit/sanitized.hpp"

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds lags[] = {milliseconds(0), milliseconds(250), milliseconds(500),
                                 milliseconds(2000)};

constexpr int slowness = is_sanitized ? 25 : 1;

struct Tally {
    int yes = 0;
    int no = 0;
    int missed = 0;  // by the checker
};

// A third of the histories are correct, the others were tampered with once or twice.
Tally compare(TinyShape shape, std::uint64_t seed, int rounds) {
    std::mt19937_64 random(seed);
    Tally tally;
    for (int round = 0; round < rounds; ++round) {
        shape.operations = 2 + static_cast<int>(random() % 6);
        History history = correct_tiny_history(shape, random);
        const int changes = round % 3;
        for (int i = 0; i < changes; ++i) tamper(history, random);
        const Limits limits{lags[random() % 4]};

        const bool twin = is_linearizable_naively(history, limits);
        const CheckResult result = check_linearizable(history, limits, CheckBudget{});
        const std::string what = "seed " + std::to_string(seed) + ", round " +
                                 std::to_string(round) + ", lag " +
                                 std::to_string(limits.clock_lag.count() / 1'000'000) + " ms\n" +
                                 text_of(history) + result.explanation;
        EXPECT_TRUE(twin || changes > 0) << what;
        EXPECT_NE(result.outcome, Linearizable::undecided) << what;
        const bool checker = result.outcome == Linearizable::yes;
        EXPECT_TRUE(checker || !twin) << what;
        if (shape.keys == 1) {
            EXPECT_TRUE(twin || !checker) << "missed: " << what;
        }
        ++(twin ? tally.yes : tally.no);
        if (checker && !twin) ++tally.missed;
        if (::testing::Test::HasFailure()) break;
    }
    return tally;
}

TEST(Twin, AgreesOnHistoriesOfOneKey) {
    const Tally tally = compare({6, 1, false}, 1, 20'000 / slowness);
    EXPECT_GT(tally.yes, 8000 / slowness);
    EXPECT_GT(tally.no, 4000 / slowness);
}

TEST(Twin, AgreesOnHistoriesWithExpiry) {
    const Tally tally = compare({6, 1, true}, 2, 6'000 / slowness);
    EXPECT_GT(tally.yes, 2000 / slowness);
    EXPECT_GT(tally.no, 1000 / slowness);
}

// Keys are told apart, so what shows only in the order of writes to several of them can escape;
// but a correct store is never blamed, and little does.
TEST(Twin, AllowsAllThatIsRightWithSeveralKeys) {
    const Tally tally = compare({6, 2, true}, 3, 6'000 / slowness);
    EXPECT_GT(tally.no, 1000 / slowness);
    EXPECT_LE(tally.missed, tally.no / 50);
    RecordProperty("missed", tally.missed);
}

}  // namespace
}  // namespace raftkv::test
