#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench/load/load.hpp"
#include "cli/bench/node_watch.hpp"
#include "cli/bench/settings.hpp"

namespace raftkv::bench {

// What a run was and what came of it.
struct Report {
    Settings settings{};
    std::string cluster;  // which nodes
    std::string command;  // that repeats it
    std::string started;  // wall clock, UTC
    std::vector<std::pair<std::string, std::string>> machine{};
    LoadResult load{};
    std::vector<NodeUse> nodes{};
    std::string left_behind;  // keys, in a cluster that goes on
    std::string hint;         // what speaks against the figures

    double own_cores() const;
    // What this tool used of what the leader used; nothing when that is not known.
    std::optional<double> share_of_leader() const;
};

// What is known before anything was measured. `cluster` names the nodes.
Report begin_report(const Settings& settings, std::string cluster);

std::string as_text(const Report& report);
// One line.
std::string as_json(const Report& report);

// "1.23 ms", "870 us": three digits.
std::string duration_text(std::int64_t ns);
// "44,741"
std::string grouped(double number);
// "set, 64 clients, 16 in flight each, 64-byte values, 20,000/s"
std::string load_text(const Settings& settings);

}  // namespace raftkv::bench
