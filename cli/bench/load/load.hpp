#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/bench/load/dialect.hpp"
#include "cli/bench/load/histogram.hpp"
#include "cli/bench/load/key_picker.hpp"
#include "common/result.hpp"

// The load: one thread, many connections. It takes its share of the machine that it measures, so
// it is light: a turn of its loop costs one wait, and for each connection that has something one
// read and one write; an operation costs no system call of its own, and no allocation.

namespace raftkv::bench {

// Where a server answers.
struct Server {
    std::string host;
    std::uint16_t port = 0;
    NodeId id{};  // by which a REDIRECT names it
};

enum class Op { set, get, mixed, cas };

// Operations are numbered keys: 16 bytes, a prefix and the number.
struct KeySpace {
    static constexpr std::size_t prefix_bytes = 6, key_bytes = 16;

    std::string prefix = "bench0";  // of prefix_bytes
    std::uint64_t first_new = 0;    // sets make new keys from here on
    std::uint64_t keys = 0;         // what is read and replaced: the numbers below this
    Distribution distribution = Distribution::uniform;
    // What the last write of each of those gave, 0 when it is not known: for cas and mixed. Of a
    // set it is noted where there is room for it.
    std::vector<std::uint64_t> versions{};
};

struct Window {
    double from_s = 0;  // since what counts began
    std::uint64_t operations = 0, errors = 0;
    std::int64_t p50_ns = 0, p99_ns = 0, max_ns = 0;
};

// One operation that counts, for who asks for each.
struct Sample {
    std::chrono::steady_clock::time_point at;  // it was answered
    std::int64_t latency_ns = 0;
};

struct LoadOptions {
    std::vector<Server> servers{};  // of one cluster; at least one
    std::size_t start_at = 0;       // the leader, if it is known
    const Dialect* dialect = nullptr;
    Op op = Op::set;
    std::size_t clients = 64;
    std::size_t pipeline = 1;  // operations in flight on each connection
    std::size_t value_bytes = 64;
    double rate = 0;              // operations a second, each at its time; 0: a closed loop
    double warmup_seconds = 0.5;  // before `seconds`, not counted
    double seconds = 10;
    std::uint64_t requests =
        0;  // ends after so many instead, and counts from the first; 0: by time
    std::chrono::milliseconds timeout{10'000};  // without any answer on a connection
    double window_seconds = 0.1;
    int cancel_fd = -1;  // readable: stop
    bool keep_samples = false;
    std::function<void(const Window&)> on_window{};
};

struct LoadResult {
    Histogram latency;  // of what was answered: done or in conflict
    std::chrono::steady_clock::time_point from{}, to{};  // what counts began in between
    double seconds = 0;                                  // from the one to the other
    double per_second = 0;                               // of what was answered
    std::array<std::uint64_t, outcome_count> outcomes{};
    std::uint64_t redirects = 0;   // followed, and not errors
    std::uint64_t reconnects = 0;  // after the first connections
    std::uint64_t unsent = 0;      // with a rate: what the servers left no room for in time
    double own_cpu_seconds = 0;    // of this thread while it counted
    std::vector<Window> windows{};
    std::vector<Sample> samples{};
    bool interrupted = false;

    std::uint64_t answered() const { return latency.count(); }
    std::uint64_t errors() const;
};

// The keys that are written and their versions are noted in `space`. An Error of kind unavailable
// when no server can be reached at the start or for longer than the timeout, failed when one says
// what is no reply.
Result<LoadResult> run_load(const LoadOptions& options, KeySpace& space);

}  // namespace raftkv::bench
