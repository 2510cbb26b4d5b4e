#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/bench/cluster.hpp"
#include "cli/bench/load/load.hpp"
#include "cli/bench/run.hpp"
#include "cli/test/interrupt.hpp"
#include "common/result.hpp"

namespace raftkv::benchmark {

// What the user asked for.
struct Settings {
    std::filesystem::path raftkv;  // the program
    std::filesystem::path folder;  // where the data goes
    std::vector<std::string> rows{};
    std::size_t rounds = 5;
    double seconds = 2;  // of each load in a round
    bool json = false;
};

// What all rows are measured with.
struct Bed {
    const Settings& settings;
    const test::Interrupt& interrupt;
    const bench::Say& say;

    Result<bench::Cluster> start(
        std::uint32_t nodes, std::optional<std::uint32_t> snapshot_log_mib = std::nullopt) const;

    // For as long as the user said.
    bench::LoadOptions load(bench::Op op, std::size_t clients, std::size_t pipeline) const;
    // Says how it goes, after `what`.
    bench::LoadOptions told(bench::LoadOptions load, const std::string& what) const;

    // Runs it, and says how it goes. An Error when an operation fails: its rate would say nothing;
    // of kind interrupted when the user wants no more.
    Result<bench::LoadResult> run(bench::Cluster& cluster, const bench::LoadOptions& load,
                                  bench::KeySpace& space, const std::string& what) const;
    // The same on keys that nobody has; gives the rate.
    Result<double> rate_of_sets(bench::Cluster& cluster, const bench::LoadOptions& load,
                                const std::string& what) const;
    // Keys that are there.
    Result<bench::KeySpace> write_keys(bench::Cluster& cluster, std::uint64_t keys,
                                       std::size_t value_bytes, const std::string& what) const;
};

// Measures one of two; `what` says which round it is.
using Measure = std::function<Result<double>(const std::string& what)>;

// What `one` measures over what `other` does, in each round. Who begins changes: what the first
// leaves in the caches is nobody's luck.
Result<std::vector<double>> ratios_in_turn(const Bed& bed, const std::string& what,
                                           const Measure& one, const Measure& other);

}  // namespace raftkv::benchmark
