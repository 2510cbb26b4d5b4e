#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/test/simulation/counters.hpp"
#include "cli/test/simulation/plan.hpp"
#include "cli/test/simulation/simulation.hpp"

namespace raftkv::simulation {

// Many simulations, one a thread at a time.
struct SuiteOptions {
    std::uint64_t first_seed = 1;
    std::uint64_t seeds = 1;
    std::optional<std::chrono::seconds> time;  // instead of `seeds`: as many as fit in
    PlanSize size;
    bool only_members = false;  // passes over the seeds whose plans do not change members
    unsigned threads = 1;
};

struct SuiteFailure {
    std::uint64_t seed = 0;
    std::uint32_t nodes = 0;
    Failure failure;
};

struct SuiteProgress {
    std::uint64_t runs = 0;
    std::uint64_t events = 0;
    std::size_t failures = 0;
};
// Called about every tenth of a second; false ends the suite early.
using SuiteWatch = std::function<bool(const SuiteProgress&)>;

struct SuiteResult {
    std::uint64_t runs = 0;
    Counters counters;
    std::vector<SuiteFailure> failures;  // ascending seeds
    double seconds = 0;
    unsigned threads = 1;
    bool complete = true;
    bool only_members = false;

    // Names of what never happened.
    std::vector<std::string> never_happened() const;
};

// Every tenth seed's history also goes through the linearizability checker, and every hundredth
// seed runs twice: a run that is not the same the second time is a failure ("determinism").
SuiteResult run_suite(const SuiteOptions& options, const SuiteWatch& watch);

// The same for one plan.
Outcome run_judged(const Plan& plan);

}  // namespace raftkv::simulation
