#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/test/chaos/measurements.hpp"
#include "cli/test/chaos/role_log.hpp"
#include "cli/test/chaos/schedule.hpp"
#include "common/error.hpp"
#include "common/strong_types.hpp"

namespace raftkv::chaos {

// A fault as it was carried out.
struct FaultRecord {
    PlannedFault plan;
    std::string text;           // "kill node 2 (leader)"
    std::vector<NodeId> nodes;  // empty: all messages, or nothing was done
    std::string problem;        // why it was not done, or not all of it; empty: it was
    Instant from, to;
    // Until a write that was sent after its beginning was acknowledged.
    std::optional<double> served_after_ms = std::nullopt;
};

enum class Outcome : std::uint8_t { passed, failed, undecided, not_run };

std::string_view name_of(Outcome outcome);

// One thing that was looked at when all was over.
struct Check {
    std::string name;
    Outcome outcome = Outcome::not_run;
    std::string text;  // why it failed, or was not decided, or not run; several lines at times
    double seconds = 0;
};

struct Report {
    // What was asked for, and the command that does it again.
    std::uint64_t seed = 0;
    std::uint32_t nodes = 0;
    std::uint32_t clients = 0;
    std::uint32_t seconds = 0;
    std::vector<Family> families;
    std::string command;
    // Name and text: "raftkv", "0.1.0".
    std::vector<std::pair<std::string, std::string>> versions;

    // What happened. Times count from the first fault-free moment under load.
    std::string started;  // wall time: "2026-11-24 10:40:12 UTC"
    Instant from, to;
    double took_s = 0;
    std::vector<FaultRecord> faults;
    std::map<NodeId, std::vector<RoleSpan>> roles;
    Measurements measured;
    std::size_t terms = 0;  // in which somebody led

    // What it comes to.
    bool interrupted = false;
    std::vector<Check> checks;
    std::string folder;  // data, logs and history; empty when they were removed

    Outcome outcome() const;
    // The first check that says so; nothing when all passed.
    const Check* decisive() const;
    ExitCode exit_code() const;
};

// One JSON document on one line.
std::string as_json(const Report& report);
// A few lines for people.
std::string as_text(const Report& report);

}  // namespace raftkv::chaos
