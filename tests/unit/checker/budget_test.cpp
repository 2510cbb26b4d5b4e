// What could not be decided is never passed.

#include <gtest/gtest.h>

#include "cli/test/checker/linearizability.hpp"
#include "tests/unit/checker/big_history.hpp"
#include "tests/unit/test_scenarios/history_builder.hpp"

namespace raftkv::test {
namespace {

TEST(Budget, OfTooFewStepsLeavesTheCheckUndecided) {
    const History history = correct_big_history({2000, 20, 8, 3}, 1);
    const auto all = check_linearizable(history, Limits{}, CheckBudget{});
    ASSERT_EQ(all.outcome, Linearizable::yes);
    // Each of the 20 keys gets a fair share before any gets more.
    const auto enough = check_linearizable(history, Limits{}, CheckBudget{.steps = all.steps * 20});
    EXPECT_EQ(enough.outcome, Linearizable::yes);
    for (const std::uint64_t steps : {std::uint64_t{0}, std::uint64_t{1}, all.steps / 2}) {
        const auto result = check_linearizable(history, Limits{}, CheckBudget{.steps = steps});
        EXPECT_EQ(result.outcome, Linearizable::undecided) << steps;
        EXPECT_FALSE(result.key.empty());
        EXPECT_NE(result.explanation.find("not decided within"), std::string::npos)
            << result.explanation;
    }
}

TEST(Budget, OfTooLittleMemoryLeavesTheCheckUndecided) {
    const History history = correct_big_history({2000, 1, 8, 3}, 2);
    bool decided = false;
    // From nothing at all to what is needed: never anything but undecided, and then yes.
    for (std::size_t bytes = 0; bytes < std::size_t{16} << 20; bytes = bytes * 5 / 4 + 1000) {
        const auto result =
            check_linearizable(history, Limits{}, CheckBudget{.memory_bytes = bytes});
        EXPECT_NE(result.outcome, Linearizable::no);
        EXPECT_TRUE(result.outcome == Linearizable::yes || !decided) << bytes;
        EXPECT_TRUE(result.outcome == Linearizable::yes || !result.explanation.empty());
        decided = result.outcome == Linearizable::yes;
    }
    EXPECT_TRUE(decided);
}

TEST(Budget, ThatOneKeyUsesUpDoesNotHideAViolationOfAnother) {
    History history = correct_big_history({5000, 1, 32, 20}, 3);
    HistoryBuilder h;
    h.set("lost", "one").ok(1'000'000).at(100'000, 100'001);
    h.get("lost").absent().at(100'002, 100'003);
    history.insert(history.end(), h.history.begin(), h.history.end());
    const auto result = check_linearizable(history, Limits{}, CheckBudget{.steps = 200});
    EXPECT_EQ(result.outcome, Linearizable::no) << result.explanation;
    EXPECT_EQ(result.key, "lost");
}

TEST(Budget, IsUsedTheSameWayEachTime) {
    const History history = correct_big_history({5000, 10, 32, 30}, 4);
    const auto once = check_linearizable(history, Limits{}, CheckBudget{});
    const auto again = check_linearizable(history, Limits{}, CheckBudget{});
    EXPECT_EQ(once.steps, again.steps);
    EXPECT_EQ(once.outcome, again.outcome);
}

TEST(Watch, CanStopACheckThatTakesLong) {
    const History history = correct_big_history({}, 5);
    int asked = 0;
    const auto result =
        check_linearizable(history, Limits{}, CheckBudget{}, [&](const CheckProgress& progress) {
            ++asked;
            EXPECT_EQ(progress.keys, 1000u);
            return false;
        });
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(result.outcome, Linearizable::undecided);
}

TEST(Ambiguous, ValuesLeaveTheirKeyUndecided) {
    HistoryBuilder h;
    h.set("k", "same").unknown();
    h.set("k", "same").ok(3);
    EXPECT_EQ(check_linearizable(h.history, Limits{}, CheckBudget{}).outcome, Linearizable::yes);
    h.get("k", "same").ok();
    const auto result = check_linearizable(h.history, Limits{}, CheckBudget{});
    EXPECT_EQ(result.outcome, Linearizable::undecided);
    EXPECT_NE(result.explanation.find("give each its own value"), std::string::npos);
}

TEST(Ambiguous, IsNoValueOfAnsweredWrites) {
    HistoryBuilder h;
    h.set("k", "same").ok(3);
    h.cas("k", 3, "same").ok(4);
    h.getm("k", "same").ok(4);
    h.get("k", "same").ok();
    EXPECT_EQ(check_linearizable(h.history, Limits{}, CheckBudget{}).outcome, Linearizable::yes);
    h.getm("k", "same").ok(3);
    EXPECT_EQ(check_linearizable(h.history, Limits{}, CheckBudget{}).outcome, Linearizable::no);
}

}  // namespace
}  // namespace raftkv::test
