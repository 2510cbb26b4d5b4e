#include "cli/test/simulation/suite.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "cli/test/simulation/report.hpp"
#include "tests/unit/sanitized.hpp"

namespace raftkv::simulation {
namespace {

constexpr std::uint64_t seeds = under_address_sanitizer ? 200 : 2000;

std::string failures_of(const SuiteResult& result) {
    std::string text;
    for (const SuiteFailure& failure : result.failures) {
        text += failure.failure.invariant + ": " + failure.failure.message + "; " +
                repeat_command(failure.seed, {}) + "\n";
    }
    return text;
}

// Every promise is kept under every fault; and every fault and everything of interest that can
// follow from it did happen, or else the first half of this sentence means nothing.
TEST(Suite, KeepsEveryPromiseAndSeesEverything) {
    SuiteOptions options;
    options.seeds = seeds;
    const SuiteResult result = run_suite(options, [](const SuiteProgress&) { return true; });
    EXPECT_EQ(result.runs, seeds);
    EXPECT_TRUE(result.failures.empty()) << failures_of(result);
    if (seeds < runs_that_see_everything) return;
    for (const std::string& name : result.never_happened()) ADD_FAILURE() << "never: " << name;
    EXPECT_TRUE(passed(result, options.size)) << text_of(result, options.size);
}

TEST(Suite, EndsEarlyWhenItIsTold) {
    SuiteOptions options;
    options.seeds = 1'000'000'000;
    options.threads = 2;
    const SuiteResult result = run_suite(options, [](const SuiteProgress&) { return false; });
    EXPECT_FALSE(result.complete);
    EXPECT_LT(result.runs, options.seeds);
}

// The best of a few, because other programs run beside this one.
TEST(Suite, SimulatesThreeHundredThousandEventsASecond) {
    if (under_address_sanitizer) GTEST_SKIP() << "what is watched is slow";
    double best = 0;
    for (int round = 0; round < 3; ++round) {
        SuiteOptions options;
        options.seeds = 50;
        const SuiteResult result = run_suite(options, [](const SuiteProgress&) { return true; });
        best = std::max(best, double(result.counters.events) / result.seconds);
    }
    std::printf("%.0f thousand events a second\n", best / 1000);
    EXPECT_GE(best, 300'000);
}

}  // namespace
}  // namespace raftkv::simulation
