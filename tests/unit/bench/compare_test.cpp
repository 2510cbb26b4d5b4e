#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/bench/compare/comparison.hpp"
#include "cli/bench/compare/contender.hpp"
#include "cli/bench/compare/process_use.hpp"
#include "cli/bench/median.hpp"

namespace raftkv::bench {
namespace {

Score score_of(const std::string& name, const std::vector<double>& rates) {
    Score score{name};
    for (double rate : rates) score.turns.push_back({rate, 1e6 / rate, 2e6 / rate, 10, 2});
    return score;
}

Comparison sample_comparison() {
    Comparison comparison;
    comparison.settings.rounds = 3;
    comparison.command = "raftkv bench compare";
    comparison.contenders = {{"raftkv", "three nodes"}, {"redis", "one server"}};
    comparison.missing = {"memcached is left out: it needs memcached"};
    comparison.sync_us = 123.4;
    comparison.syncs_us = 345.6;
    const auto steps = steps_of(comparison.settings);
    comparison.rows = {
        {steps[0], {score_of("raftkv", {50, 100, 300}), score_of("redis", {100, 100, 100})}},
        {steps[2], {score_of("raftkv", {50, 100, 300}), score_of("redis", {100, 100, 100})}}};
    return comparison;
}

TEST(Comparison, ARatioIsTheMedianOfTheRoundsAndSaysItsSpread) {
    const Comparison comparison = sample_comparison();
    const Row& rates = comparison.rows[0];
    const Ratio ratio = ratio_of(rates.step, rates.scores[0], rates.scores[1]);
    EXPECT_DOUBLE_EQ(ratio.median, 1);
    EXPECT_DOUBLE_EQ(ratio.lowest, 0.5);
    EXPECT_DOUBLE_EQ(ratio.highest, 3);
}

// Of one client the latency counts: the fewer operations a second, the longer.
TEST(Comparison, OfOneClientComparesTheMedianLatencies) {
    const Comparison comparison = sample_comparison();
    const Row& latencies = comparison.rows[1];
    ASSERT_TRUE(latencies.step.by_latency);
    const Ratio ratio = ratio_of(latencies.step, latencies.scores[0], latencies.scores[1]);
    EXPECT_DOUBLE_EQ(ratio.median, 1);
    EXPECT_DOUBLE_EQ(ratio.lowest, 100.0 / 300);
    EXPECT_DOUBLE_EQ(ratio.highest, 2);
}

TEST(Comparison, ARivalThatDidNothingGivesNoRatio) {
    const Ratio ratio = ratio_of({}, score_of("raftkv", {5}), {"redis", {Turn{}}});
    EXPECT_EQ(ratio.median, 0);
}

TEST(Comparison, IsToldAsText) {
    const std::string text = as_text(sample_comparison());
    for (const char* part :
         {"Medians of 3 rounds of 2 s, 64-byte values", "redis         one server",
          "memcached is left out: it needs memcached",
          "fdatasync take 123 us here, 3 of them at the same time 346 us each", "set, 64 clients",
          "set, 1 client", "1.00 (0.50 - 3.00)", "1.00 (0.33 - 2.00)"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
    }
}

TEST(Comparison, IsToldAsJson) {
    const auto json = nlohmann::json::parse(as_json(sample_comparison()));
    EXPECT_EQ(json["loads"][0]["systems"][0]["per_second"], (std::vector<double>{50, 100, 300}));
    EXPECT_FALSE(json["loads"][0]["systems"][0].contains("ratio"));
    EXPECT_EQ(json["loads"][0]["systems"][1]["ratio"]["lowest"], 0.5);
    EXPECT_EQ(json["loads"][1]["ratio_of"], "p50_us");
    EXPECT_EQ(json["missing"].size(), 1u);
}

TEST(Comparison, MedianIsTheMiddle) {
    EXPECT_EQ(median({}), 0);
    EXPECT_EQ(median({3, 1, 2}), 2);
    EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
}

TEST(Contenders, AreFoundByName) {
    ASSERT_NE(find_kind("redis-memory"), nullptr);
    EXPECT_EQ(find_kind("redis-memory")->needs, "redis-tools");
    EXPECT_EQ(find_kind("oracle"), nullptr);
    EXPECT_EQ(contender_kinds().front().name, "raftkv");
}

TEST(ProcessUse, IsReadFromTheKernelsWords) {
    const auto use = parse_process_stat(
        "42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 1 0 100 1000000 7 1", 100,
        4096);
    ASSERT_TRUE(use.ok());
    EXPECT_DOUBLE_EQ(use->cpu_seconds, 3);
    EXPECT_EQ(use->memory_bytes, 7u * 4096);
    EXPECT_FALSE(parse_process_stat("42 (name", 100, 4096).ok());
    EXPECT_FALSE(parse_process_stat("42 (name) S 1", 100, 4096).ok());
}

TEST(ProcessUse, OfThisProcessGrows) {
    const auto before = use_of(::getpid());
    ASSERT_TRUE(before.ok());
    EXPECT_GT(before->memory_bytes, 100'000u);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    double now = before->cpu_seconds;
    while (now <= before->cpu_seconds && std::chrono::steady_clock::now() < deadline) {
        now = use_of(::getpid())->cpu_seconds;
    }
    EXPECT_GT(now, before->cpu_seconds);
    EXPECT_FALSE(use_of(-1).ok());
}

TEST(ProcessUse, OfWorkIsWhatItAddsToTheLargest) {
    constexpr std::size_t bytes = std::size_t{64} << 20;
    std::string kept;
    const auto grown = memory_grown_by({::getpid()}, [&]() -> Result<void> {
        kept.assign(bytes, 'x');
        return {};
    });
    ASSERT_TRUE(grown.ok());
    EXPECT_GT(*grown, bytes / 2);
    const auto failed = memory_grown_by({::getpid()}, [&]() -> Result<void> {
        return Error{ErrorKind::failed, "no work"};
    });
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().message, "no work");
    EXPECT_FALSE(cpu_seconds_of({::getpid(), -1}).ok());
}

}  // namespace
}  // namespace raftkv::bench
