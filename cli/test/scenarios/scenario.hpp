#pragma once

#include <string>
#include <vector>

#include "cli/test/scenarios/stage.hpp"
#include "common/result.hpp"

namespace raftkv::test {

// One thing that the cluster is put through. What each proves is told in README.md.
struct Scenario {
    std::string name;
    std::string about;  // one line of the help
    // How often it ticks; the length of the progress bar.
    std::size_t (*ticks)(const Settings& settings);
    Result<void> (*run)(Stage& stage);
    // Small segments of the log, and a snapshot for every MiB of it.
    bool many_snapshots = false;
    // Nodes that no configuration lists, to be added.
    std::uint32_t spares = 0;
};

// All of them, in the order in which "all" runs them.
const std::vector<Scenario>& scenarios();

Result<void> run_election(Stage& stage);
std::size_t election_ticks(const Settings& settings);
Result<void> run_replication(Stage& stage);
std::size_t replication_ticks(const Settings& settings);
Result<void> run_stress(Stage& stage);
std::size_t stress_ticks(const Settings& settings);
Result<void> run_transfer(Stage& stage);
std::size_t transfer_ticks(const Settings& settings);
Result<void> run_membership(Stage& stage);
std::size_t membership_ticks(const Settings& settings);
Result<void> run_snapshot(Stage& stage);
std::size_t snapshot_ticks(const Settings& settings);

}  // namespace raftkv::test
