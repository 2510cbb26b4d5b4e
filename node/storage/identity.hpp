#pragma once

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/wal.hpp"

// The file that says whose folder this is. Written once, after the first segment is in its place:
// where it is, there is a log.

namespace raftkv::storage {

constexpr const char* identity_name = "identity";
constexpr const char* identity_temporary_name = "identity.tmp";

enum class IdentityFile { absent, ours };

// Fails with kind usage when the folder is another's, and corrupt when the file makes no sense.
Result<IdentityFile> check_identity(Disk& disk, const Identity& identity);
Result<void> write_identity(Disk& disk, const Identity& identity);

}  // namespace raftkv::storage
