#include "tests/benchmark/goals/table.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "tests/benchmark/goals/rows.hpp"

namespace raftkv::benchmark {
namespace {

Line line_of(Bound bound, double figure, std::vector<double> samples) {
    Line line{{"set", bound, figure, "", "Redis"}};
    line.samples = std::move(samples);
    return line;
}

TEST(Goals, AreHeldAgainstTheMedian) {
    EXPECT_EQ(verdict_of(line_of(Bound::at_least, 1, {0.5, 1, 3})), Verdict::met);
    EXPECT_EQ(verdict_of(line_of(Bound::at_least, 1, {0.5, 0.99, 3})), Verdict::missed);
    EXPECT_EQ(verdict_of(line_of(Bound::at_most, 1, {0.5, 1, 3})), Verdict::met);
    EXPECT_EQ(verdict_of(line_of(Bound::at_most, 1, {0.5, 1.01, 3})), Verdict::missed);
    EXPECT_EQ(verdict_of(line_of(Bound::under, 1, {0.99})), Verdict::met);
    EXPECT_EQ(verdict_of(line_of(Bound::under, 1, {1})), Verdict::missed);
}

TEST(Goals, OfTheWorstAreHeldAgainstTheGreatest) {
    Line line = line_of(Bound::under, 100, {20, 30, 101});
    EXPECT_EQ(verdict_of(line), Verdict::met);
    line.goal.by_greatest = true;
    EXPECT_EQ(verdict_of(line), Verdict::missed);
    line.goal.unit = "ms";
    line.goal.digits = 0;
    EXPECT_EQ(measured_text(line), "101 ms");
}

TEST(Goals, OfNothingAreNotMeasured) {
    EXPECT_EQ(verdict_of(line_of(Bound::at_most, 1, {})), Verdict::not_measured);
    EXPECT_EQ(measured_text(line_of(Bound::at_most, 1, {})), "-");
}

TEST(Goals, SayMedianAndSpread) {
    EXPECT_EQ(measured_text(line_of(Bound::at_least, 1, {1.05, 0.67, 0.83})), "0.83 (0.67 - 1.05)");
    EXPECT_EQ(measured_text(line_of(Bound::at_least, 1, {0.83})), "0.83");
    EXPECT_EQ(goal_text({"set", Bound::at_least, 0.8, "", "Redis"}), "at least 0.80 x Redis");
    EXPECT_EQ(goal_text({"restart", Bound::under, 2, "s", "", 0}), "under 2 s");
}

std::vector<Line> sample_lines() {
    Line good = line_of(Bound::at_least, 1, {2});
    good.note = "on a good day";
    Line missing = line_of(Bound::at_least, 10, {});
    missing.missing = "etcd is not here";
    return {good, missing};
}

TEST(Goals, AreATableWithRemarksBelow) {
    const std::string text = as_text({"./dev bench goals", "today", {}, {}}, sample_lines());
    for (const char* part :
         {"| set  | at least 1.00 x Redis  | 2.00     | met          |",
          "| set  | at least 10.00 x Redis | -        | not measured |", "set: on a good day\n",
          "set: etcd is not here\n", "./dev bench goals, today\n"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
    }
}

TEST(Goals, AreToldAsJson) {
    const auto json =
        nlohmann::json::parse(as_json({"./dev bench goals", "today", {}, {}}, sample_lines()));
    EXPECT_EQ(json["goals"][0]["samples"], std::vector<double>{2});
    EXPECT_EQ(json["goals"][0]["verdict"], "met");
    EXPECT_EQ(json["goals"][1]["verdict"], "not measured");
    EXPECT_EQ(json["goals"][1]["missing"], "etcd is not here");
}

// The table could not tell two of the same name apart.
TEST(Goals, AreAllDifferent) {
    std::set<std::string> names, goals;
    for (const Row& row : rows()) {
        EXPECT_TRUE(names.emplace(row.name).second) << row.name;
        for (const Goal& goal : row.goals())
            EXPECT_TRUE(goals.insert(goal.load + goal_text(goal)).second) << goal.load;
    }
}

}  // namespace
}  // namespace raftkv::benchmark
