// Plans that broke something once, shrunk: regressions/*.json, as `raftkv test simulate --shrink`
// writes them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/test/simulation/plan_file.hpp"
#include "cli/test/simulation/simulation.hpp"

namespace raftkv::simulation {
namespace {

TEST(Regressions, WhatBrokeOnceHolds) {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(RAFTKV_REGRESSIONS)) {
        if (entry.path().extension() != ".json") continue;
        ++files;
        std::ifstream in(entry.path(), std::ios::binary);
        const auto kept = parse_plan(std::string{std::istreambuf_iterator<char>(in), {}});
        ASSERT_TRUE(kept.ok()) << entry.path() << ": " << kept.error().message;
        const Outcome outcome = run(kept->plan, {.check_history = true, .trace = nullptr});
        EXPECT_FALSE(outcome.failure) << entry.path() << ": " << outcome.failure->invariant << ": "
                                      << outcome.failure->message;
    }
    EXPECT_GT(files, 0u);
}

}  // namespace
}  // namespace raftkv::simulation
