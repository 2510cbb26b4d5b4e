#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "cli/bench/load/load.hpp"
#include "cli/test/local_cluster.hpp"
#include "cli/test/work_folder.hpp"
#include "common/result.hpp"

namespace raftkv::benchmark {

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
    static Result<SnapshotStand> start(const std::filesystem::path& raftkv,
                                       const std::filesystem::path& folder,
                                       std::uint32_t snapshot_log_mib, std::size_t keys,
                                       std::size_t value_bytes);

    // The keys in turn; makes them first. `options` says how many or how long.
    Result<bench::LoadResult> overwrite(bench::LoadOptions options, Seen& seen);

    struct Restart {
        double ready_ms = 0;   // until the last node has loaded all keys and answers
        double served_ms = 0;  // until a leader has answered a read
        double alone_ms = 0;   // of one node beside the others: until it is ready
    };
    // Kills all nodes at once and starts them; then one more time one of them.
    Result<Restart> restart();

    // What all keys take in a snapshot.
    std::size_t live_bytes() const;

  private:
    SnapshotStand(std::filesystem::path folder, test::LocalCluster cluster, std::size_t keys,
                  std::size_t value_bytes)
        : folder_(std::move(folder)), cluster_(std::move(cluster)), value_bytes_(value_bytes) {
        space_.keys = keys;
        space_.distribution = bench::Distribution::in_turn;
        space_.versions.resize(keys);
    }

    bool has_all_keys(const ServerConfig& server) const;
    Result<double> restart_alone(const ServerConfig& server);

    std::filesystem::path folder_;
    test::LocalCluster cluster_;
    bench::KeySpace space_;
    std::size_t value_bytes_;
};

}  // namespace raftkv::benchmark
