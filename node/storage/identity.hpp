#pragma once

#include <cstdint>
#include <optional>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/wal.hpp"

// The file that says whose folder this is. Written after the first segment is in its place, so
// where it is, there is a log; and once more when the node belongs to a cluster.

namespace raftkv::storage {

constexpr const char* identity_name = "identity";
constexpr const char* identity_temporary_name = "identity.tmp";

struct FoundIdentity {
    std::uint64_t format = 0;
    std::uint64_t cluster_id = 0;  // in the segments and the snapshots; 0: none yet
    // "ClusterId" of the configuration that the folder was made for. Once it was made from the
    // servers in it where there was none, and was the identity of the cluster, too.
    std::uint64_t config_id = 0;
    std::uint64_t node_id = 0;
    std::uint64_t folder = 0;  // never 0
};

// Nothing when there is no such file; corrupt when it makes no sense.
Result<std::optional<FoundIdentity>> find_identity(Disk& disk);

// Whether a configuration with this "ClusterId" (0: none) may use the folder.
bool is_guarded_by(const FoundIdentity& found, std::uint64_t config_id);

// The same, and fails with kind usage when the folder is another's.
Result<std::optional<FoundIdentity>> check_identity(Disk& disk, const Identity& identity);
Result<void> write_identity(Disk& disk, const Identity& identity);

}  // namespace raftkv::storage
