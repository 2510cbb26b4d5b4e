#pragma once

#include <cstdint>
#include <string>

#include "cli/test/simulation/simulation.hpp"
#include "cli/test/simulation/suite.hpp"

namespace raftkv::simulation {

// The command that repeats a run.
std::string repeat_command(std::uint64_t seed, const PlanSize& size);

// One run, for people and for machines.
std::string text_of(const Plan& plan, const Outcome& outcome, const std::string& command);
std::string json_of(const Plan& plan, const Outcome& outcome, const std::string& command);

// A suite. With this many runs of ordinary clusters, everything that can happen must have.
constexpr std::uint64_t runs_that_see_everything = 1000;
bool passed(const SuiteResult& result, const PlanSize& size);
std::string text_of(const SuiteResult& result, const PlanSize& size);
std::string json_of(const SuiteResult& result, const PlanSize& size);

}  // namespace raftkv::simulation
