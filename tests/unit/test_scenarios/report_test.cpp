#include "cli/test/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace raftkv::test {
namespace {

Report two_scenarios() {
    Report report;
    report.seed = 7;
    report.nodes = 5;
    report.scenarios.push_back(
        {"election",
         std::nullopt,
         12.34,
         {{"kill_median_ms", "leader killed, median", 84.25, "ms"}, {"terms", "terms", 21, ""}},
         ""});
    report.scenarios.push_back(
        {"stress", Error{ErrorKind::failed, "a stale read: \xff"}, 3.0, {}, "/tmp/raftkv-test-x"});
    return report;
}

TEST(Report, IsATableWithAlignedFigures) {
    EXPECT_EQ(as_table(two_scenarios()),
              "election     passed in 12.3 s\n"
              "  leader killed, median        84.2 ms\n"
              "  terms                          21\n"
              "stress       FAILED in 3.0 s\n"
              "  reason: a stale read: \xff\n"
              "  data and logs: /tmp/raftkv-test-x\n");
}

TEST(Report, IsJsonWhateverBytesAReasonQuotes) {
    const auto json = nlohmann::json::parse(as_json(two_scenarios()));
    EXPECT_EQ(json["passed"], false);
    EXPECT_EQ(json["seed"], 7);
    EXPECT_EQ(json["nodes"], 5);
    EXPECT_EQ(json["scenarios"][0]["passed"], true);
    EXPECT_EQ(json["scenarios"][0]["reason"], nullptr);
    EXPECT_EQ(json["scenarios"][0]["figures"]["kill_median_ms"], 84.25);
    EXPECT_EQ(json["scenarios"][1]["passed"], false);
    EXPECT_EQ(json["scenarios"][1]["folder"], "/tmp/raftkv-test-x");
}

TEST(Report, SaysThatAScenarioWasInterrupted) {
    Report report;
    report.scenarios.push_back(
        {"election", Error{ErrorKind::interrupted, "interrupted"}, 1.0, {}, ""});
    EXPECT_EQ(as_table(report).substr(0, 31), "election     interrupted in 1.0");
    EXPECT_FALSE(report.passed());
}

TEST(Distribution, GivesTheMedianAndTheWorst) {
    std::vector<Figure> figures;
    add_distribution(figures, "kill", "killed", {30, 10, 50});
    add_distribution(figures, "pause", "paused", {40, 10, 20, 30});
    ASSERT_EQ(figures.size(), 4u);
    EXPECT_EQ(figures[0].id, "kill_median_ms");
    EXPECT_EQ(figures[0].value, 30);
    EXPECT_EQ(figures[1].title, "killed, worst");
    EXPECT_EQ(figures[1].value, 50);
    EXPECT_EQ(figures[2].value, 25);
}

TEST(Distribution, OfNothingIsNothing) {
    std::vector<Figure> figures;
    add_distribution(figures, "kill", "killed", {});
    EXPECT_TRUE(figures.empty());
}

}  // namespace
}  // namespace raftkv::test
