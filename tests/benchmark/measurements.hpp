#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/result.hpp"

// What ./dev bench measures. Each function starts the servers it needs, in a folder of its own
// under `folder`, and ends them.

namespace raftkv::benchmark {

struct Plan {
    std::filesystem::path raftkv;  // the program
    std::filesystem::path folder;  // must be on the disk that is to be measured
    std::size_t rounds = 5;
    double seconds = 3;  // for each measurement of a round
    std::size_t value_bytes = 64;
    std::uint64_t memory_keys = 1'000'000;
    std::size_t failover_rounds = 20;
    std::function<void(const std::string&)> progress;  // gets a line for each step
};

// A figure of both systems, once for each round.
struct Comparison {
    std::string name;
    std::string unit;
    std::vector<double> raftkv, redis;
};

// Writes and reads of both, turn by turn: each round measures everything, and the next one begins
// with the other system.
Result<std::vector<Comparison>> measure_speed(const Plan& plan);

struct Memory {
    std::uint64_t keys = 0;
    std::size_t key_and_value_bytes = 0;  // of one key
    // Of the node of the cluster that uses the most: its memory now less its memory while empty.
    double raftkv_bytes_per_key = 0;
    double raftkv_log_cache_bytes = 0;  // part of that: bounded, whatever the number of keys
    double redis_bytes_per_key = 0;
};
Result<Memory> measure_memory(const Plan& plan);

// The time of one fdatasync after a small write in the folder, in microseconds: what a disk allows.
Result<double> measure_sync_us(const Plan& plan);

double median(std::vector<double> values);

}  // namespace raftkv::benchmark
