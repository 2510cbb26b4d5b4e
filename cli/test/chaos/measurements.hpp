#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "cli/test/history/history.hpp"

// What the clients' history says of the service that they had.

namespace raftkv::chaos {

using test::History;
using test::Instant;

struct Counts {
    std::uint64_t operations = 0;
    std::uint64_t reads = 0;         // answered
    std::uint64_t acknowledged = 0;  // writes
    std::uint64_t refused = 0;       // writes that met a key in another state
    std::uint64_t unknown = 0;       // writes
    std::uint64_t turned_away = 0;   // reads of one node by name, which leads no more, or is down
    std::uint64_t gave_up = 0;       // certainly without effect; nobody answered in time
};

// Of what was answered. Zeros when nothing was.
struct Latency {
    double p50_ms = 0;
    double p99_ms = 0;
    double max_ms = 0;
};

// What came to its end within one part of the time.
struct Bucket {
    Counts counts;
    Latency latency;
};

struct Window {
    Instant from, to;
};

struct Measurements {
    Counts counts;
    Latency latency;
    std::chrono::milliseconds bucket_length{0};
    std::vector<Bucket> buckets;
    // No write was acknowledged for `shortest_window` or longer.
    std::vector<Window> unavailable;
};

constexpr std::chrono::milliseconds shortest_window{100};

// Of what ended from `from` to `to`. In a few hundred buckets at most.
Measurements measure(const History& history, Instant from, Instant to);

// From `since` until the first acknowledgement of a write that was sent after it.
std::optional<double> ms_until_served(const History& history, Instant since);

}  // namespace raftkv::chaos
