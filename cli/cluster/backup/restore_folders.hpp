#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "common/config.hpp"
#include "common/result.hpp"
#include "node/storage/snapshot_format.hpp"

namespace raftkv::cli::backup {

struct Restore {
    std::filesystem::path file;
    std::vector<NodeId> nodes;     // of the configuration
    std::uint64_t cluster_id = 0;  // of the cluster that begins
    std::function<bool()> interrupted;
};

// Verifies all of the file, then makes the data folders of these nodes, with one random name each.
// They have their names only when all of them are complete; none of the names may be taken. Gives
// what the backup says about itself.
Result<storage::SnapshotMeta> restore_folders(const ClusterConfig& config, const Restore& restore);

}  // namespace raftkv::cli::backup
