#include "cli/bench/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/unit/bench/sample_report.hpp"

namespace raftkv::bench {
namespace {

TEST(BenchReport, SaysAsTextWhatMatters) {
    const std::string text = as_text(sample_report());
    for (const char* part :
         {"get, 64 clients, 1 in flight each, 64-byte values, 10,000 keys (uniform), 1,000 a "
          "second",
          "1.0 s on 3 nodes of its own", "rate        1,000/s", "p50 502 us", "p99 991 us",
          "max 1.00 ms", "errors      3 (connection lost: 3); redirects followed: 2",
          "node 1, leader", "500.00 us", "7 MiB",
          "127.0.0.1:9002          its admin port does not answer",
          "20 % of what the leader uses"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
    }
}

TEST(BenchReport, SaysWhenTheRateWasTooMuch) {
    Report report = sample_report();
    EXPECT_EQ(as_text(report).find("could not be sent"), std::string::npos);
    report.load.unsent = 12'345;
    EXPECT_NE(as_text(report).find("12,345 were due and could not be sent"), std::string::npos);
}

TEST(BenchReport, HasAllOfItAsJson) {
    const auto json = nlohmann::json::parse(as_json(sample_report()));
    EXPECT_EQ(json["format"], 1);
    EXPECT_EQ(json["load"]["op"], "get");
    EXPECT_EQ(json["load"]["distribution"], "uniform");
    EXPECT_EQ(json["load"]["rate"], 1'000);
    EXPECT_EQ(json["per_second"], 1'000);
    EXPECT_NEAR(json["latency_us"]["p50"].get<double>(), 500, 4);
    EXPECT_NEAR(json["latency_us"]["p99.9"].get<double>(), 999, 8);
    EXPECT_EQ(json["latency_us"]["max"], 1'000);
    EXPECT_EQ(json["errors"], 3);
    EXPECT_EQ(json["outcomes"]["done"], 1'000);
    EXPECT_EQ(json["outcomes"]["connection lost"], 3);
    EXPECT_EQ(json["outcomes"].size(), outcome_count);
    EXPECT_EQ(json["nodes"][0]["cpu_cores"], 0.5);
    EXPECT_EQ(json["nodes"][0]["leads"], true);
    EXPECT_EQ(json["nodes"][1]["answered"], false);
    EXPECT_EQ(json["tool"]["share_of_leader"], 0.2);
    EXPECT_EQ(json["series"]["operations"], (std::vector<int>{400, 600}));
    EXPECT_EQ(json["series"]["p99_us"], (std::vector<double>{2, 5}));
}

// One in n took at least so long: rises, and ends where one in all did.
TEST(BenchReport, HasACurveOfLatencies) {
    const auto json = nlohmann::json::parse(as_json(sample_report()));
    const auto curve = json["latency_curve"].get<std::vector<std::pair<double, double>>>();
    ASSERT_EQ(curve.size(), 25u);  // eight for each of the three decades, and the first
    EXPECT_EQ(curve.front().first, 1);
    EXPECT_EQ(curve.back().first, 1'000);
    for (std::size_t i = 1; i < curve.size(); ++i) {
        EXPECT_GT(curve[i].first, curve[i - 1].first);
        EXPECT_GE(curve[i].second, curve[i - 1].second);
    }
}

TEST(BenchReport, OfNothingIsNoNonsense) {
    Report report = begin_report(Settings{}, "3 nodes of its own");
    EXPECT_NE(as_text(report).find("rate        0/s"), std::string::npos);
    const auto json = nlohmann::json::parse(as_json(report));
    EXPECT_EQ(json["tool"]["share_of_leader"], nullptr);
    EXPECT_TRUE(json["latency_curve"].empty());
}

TEST(BenchReport, WritesNumbersForPeople) {
    EXPECT_EQ(duration_text(0), "0 ns");
    EXPECT_EQ(duration_text(999), "999 ns");
    EXPECT_EQ(duration_text(1'234), "1.23 us");
    EXPECT_EQ(duration_text(45'678'000), "45.7 ms");
    EXPECT_EQ(duration_text(999'600'000), "1.00 s");
    EXPECT_EQ(duration_text(123'456'000'000), "123 s");
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999.6), "1,000");
    EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace raftkv::bench
