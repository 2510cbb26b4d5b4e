#pragma once

#include <cstdint>
#include <optional>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/wal.hpp"

// The file that says whose folder this is. Written once, after the first segment is in its place:
// where it is, there is a log.

namespace raftkv::storage {

constexpr const char* identity_name = "identity";
constexpr const char* identity_temporary_name = "identity.tmp";

struct FoundIdentity {
    std::uint64_t format = 0;
    std::uint64_t cluster_id = 0;  // in the segments and the snapshots
    std::uint64_t config_id = 0;   // of the configuration that the folder was made for
    std::uint64_t node_id = 0;
    std::uint64_t folder = 0;  // never 0
};

// Nothing when there is no such file; corrupt when it makes no sense.
Result<std::optional<FoundIdentity>> find_identity(Disk& disk);

// The same, and fails with kind usage when the folder is another's.
Result<std::optional<FoundIdentity>> check_identity(Disk& disk, const Identity& identity);
Result<void> write_identity(Disk& disk, const Identity& identity);

}  // namespace raftkv::storage
