#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::cli::backup {

struct RoomMade {
    std::vector<std::string> moved;               // folders of nodes, and the files beside them
    std::optional<std::filesystem::path> before;  // where they are now; nothing: nothing was moved
};

// Makes "Path" one of the cluster `cluster`, for nodes that begin with empty folders: notes that it
// was bootstrapped, and moves aside what is there of any other one. Nothing is deleted, and what is
// of that cluster already stays. At no time is there no note of a cluster, so nobody takes this for
// a beginning. Where it fails or is ended, it can be run again. An Error of kind failed when a node
// runs.
Result<RoomMade> make_room(const ClusterConfig& config, std::uint64_t cluster);

// The 16 hex digits of a cluster's id.
std::optional<std::uint64_t> parse_cluster_id(const std::string& text);

}  // namespace raftkv::cli::backup
