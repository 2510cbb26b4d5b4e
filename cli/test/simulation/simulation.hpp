#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/test/simulation/counters.hpp"
#include "cli/test/simulation/plan.hpp"
#include "cli/test/trace/trace.hpp"

// A whole cluster in one thread: the code that runs in production, on simulated clocks, disks,
// networks and clients. README.md of this folder says what it does and what it watches.

namespace raftkv::simulation {

struct Failure {
    std::string invariant;  // a short name; the same for every failure of a kind
    std::string message;
    Micros at = 0;
    std::optional<std::uint32_t> node;
};

struct Outcome {
    std::optional<Failure> failure;
    std::uint64_t trace_hash = 0;  // of everything that happened, in its order
    Counters counters;
    Micros ended = 0;
};

struct RunOptions {
    bool check_history = false;     // also with the linearizability checker
    trace::Trace* trace = nullptr;  // filled in, when somebody wants to look
};

// The same plan gives the same outcome, always and everywhere. Any number may run side by side.
Outcome run(const Plan& plan, const RunOptions& options = {});

}  // namespace raftkv::simulation
