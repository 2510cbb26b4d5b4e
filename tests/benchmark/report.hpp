#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/benchmark/failover.hpp"
#include "tests/benchmark/measurements.hpp"

namespace raftkv::benchmark {

struct Report {
    double sync_us = 0;
    std::vector<Comparison> speed;
    std::optional<Memory> memory;
    std::optional<Failover> failover;
};

std::string to_table(const Report& report);
std::string to_json(const Report& report);

}  // namespace raftkv::benchmark
