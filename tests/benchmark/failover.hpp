#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "tests/benchmark/measurements.hpp"

namespace raftkv::benchmark {

// The figures of `raftkv test election`, under the names that it gives them.
struct Failover {
    std::string command;
    std::vector<std::pair<std::string, double>> figures;
};

// Runs it, with three nodes and plan.failover_rounds.
Result<Failover> measure_failover(const Plan& plan);

}  // namespace raftkv::benchmark
