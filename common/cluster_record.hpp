#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/strong_types.hpp"

// That a cluster was bootstrapped in "Path" of the configuration, and which: a small file beside
// the folders of the nodes. So a node whose own disk is not mounted, or was emptied, does not take
// that for a beginning.

namespace raftkv {

// That of a file which cannot be read, or makes no sense.
inline constexpr std::uint64_t unknown_cluster = std::numeric_limits<std::uint64_t>::max();

struct ClusterRecord {
    std::uint64_t cluster = 0;    // never 0
    std::filesystem::path where;  // the file that says so, or the folder of another node
};

std::filesystem::path cluster_record_file(const std::filesystem::path& data);

// What the file says, or else what folders of nodes say, but for that of `self`. A file that cannot
// be read, or makes no sense, counts as that of `unknown_cluster`.
std::optional<ClusterRecord> find_cluster_record(const std::filesystem::path& data,
                                                 std::optional<NodeId> self);

// Those of the cluster in `data`.
std::vector<NodeId> node_folders(const std::filesystem::path& data, std::uint64_t cluster);

// The file has either its old or its new content, whatever happens.
Result<void> write_cluster_record(const std::filesystem::path& data, std::uint64_t cluster);

// The cluster that a node's folder belongs to, as its file `identity` says; 0: none, or unknown.
std::uint64_t cluster_of_folder(const std::filesystem::path& folder);

}  // namespace raftkv
