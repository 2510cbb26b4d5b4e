#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

#include "cli/bench/cluster.hpp"
#include "cli/bench/load/load.hpp"
#include "cli/test/interrupt.hpp"
#include "common/result.hpp"

namespace raftkv::benchmark {

// SnapshotLogMiB of nodes that take none: more log than any run writes.
inline constexpr std::uint32_t never_mib = 1u << 20;

// What was seen of the nodes while a load ran.
struct Seen {
    struct Span {
        std::chrono::steady_clock::time_point from, to;
    };
    std::vector<Span> taking;          // a node was taking a snapshot, by the status of each
    std::uint64_t largest_memory = 0;  // of a node, resident
    std::uint64_t largest_memory_taking = 0;
    std::uint64_t largest_disk = 0;  // of a node's folder
    std::uint64_t snapshots = 0;     // taken by all nodes together
};

// Three nodes with the same keys, that are overwritten again and again. They end with this object.
class SnapshotStand {
  public:
    struct Setup {
        std::filesystem::path raftkv;  // the program
        std::filesystem::path folder;  // exists
        std::uint32_t snapshot_log_mib = 64;
        std::size_t keys = 0;
        std::size_t value_bytes = 0;
    };
    static Result<SnapshotStand> start(const Setup& setup, const test::Interrupt& interrupt);

    // The keys in turn; makes them first. `options` says how many or how long.
    Result<bench::LoadResult> overwrite(bench::LoadOptions options, Seen& seen);

    bench::Cluster& cluster() { return cluster_; }

    // What all keys take in a snapshot.
    std::size_t live_bytes() const;

  private:
    SnapshotStand(const Setup& setup, bench::Cluster cluster, const test::Interrupt& interrupt)
        : cluster_(std::move(cluster)), value_bytes_(setup.value_bytes), interrupt_(interrupt) {
        space_.keys = setup.keys;
        space_.distribution = bench::Distribution::in_turn;
        space_.versions.resize(setup.keys);
    }

    bench::Cluster cluster_;
    bench::KeySpace space_;
    std::size_t value_bytes_;
    const test::Interrupt& interrupt_;
};

}  // namespace raftkv::benchmark
