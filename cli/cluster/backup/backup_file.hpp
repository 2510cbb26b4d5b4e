#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/snapshot_reader.hpp"

namespace raftkv::cli::backup {

// A backup is the file of a snapshot under any name.
struct BackupFile {
    std::unique_ptr<storage::Disk> folder;
    std::unique_ptr<storage::SnapshotReader> reader;
};

// Reads its beginning: corrupt when it is no backup, usage when it is not there.
Result<BackupFile> open_backup(const std::filesystem::path& path);

// Told where in the file the reader is; an error ends the reading.
using ReadSoFar = std::function<Result<void>(std::uint64_t bytes)>;

// Reads what is left of it: whether every byte is as it was written.
Result<void> verify_backup(storage::SnapshotReader& reader, const ReadSoFar& so_far);

}  // namespace raftkv::cli::backup
