#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "tests/benchmark/dialect.hpp"

// The load generator: one thread, epoll, a closed loop - a connection sends the next request when
// a reply has come. The same for every server that is measured, and light, because it takes its
// share of the machine that it measures.

namespace raftkv::benchmark {

struct LoadOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    const Dialect* dialect = nullptr;
    Operation operation = Operation::set;
    std::size_t connections = 64;
    std::size_t pipeline = 1;  // requests in flight on each connection
    std::size_t value_bytes = 64;
    double seconds = 3;
    double warmup_seconds = 0.3;  // at the start of `seconds`, not counted
    std::uint64_t requests = 0;   // ends after so many instead; 0 is by time
    // Keys are the prefix and a number, 16 bytes together. Sets take fresh ones, counting from 0;
    // gets take those below `keys`, in an order that jumps about.
    std::string key_prefix = "k";
    std::uint64_t keys = 0;
    // Sets go round among as many keys as this has places instead, which take up the version of
    // each: 0 is a key that is not there.
    std::vector<std::uint64_t>* versions = nullptr;
    bool keep_samples = false;
};

// A reply that counts.
struct Sample {
    std::chrono::steady_clock::time_point at;
    float latency_us = 0;
};

struct LoadResult {
    std::uint64_t replies = 0;       // in `seconds`
    std::uint64_t bad_replies = 0;   // of these: refused, or with a wrong value
    std::uint64_t keys_written = 0;  // also outside of `seconds`
    double seconds = 0;
    double per_second = 0;
    double p50_us = 0, p90_us = 0, p99_us = 0, max_us = 0;
    std::vector<Sample> samples;  // if they are kept
    double own_cpu = 0;           // what the generator itself used, in cores
};

// An Error of kind unavailable when a connection cannot be made or is lost.
Result<LoadResult> run_load(const LoadOptions& options);

}  // namespace raftkv::benchmark
