#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "cli/cluster/dump/new_file.hpp"
#include "common/config.hpp"
#include "common/result.hpp"
#include "node/storage/snapshot_format.hpp"

namespace raftkv::cli::backup {

struct Fetch {
    ServerConfig source;
    std::chrono::milliseconds patience;  // without a sign of life
    std::function<bool()> interrupted;
};

struct Fetched {
    storage::SnapshotMeta meta;
    std::uint64_t bytes = 0;
};

// Has the node take a snapshot of what it has applied by now, waits for that, and writes the file
// of it, or of a later one, into `file`. Then reads it back: every checksum is right when this is a
// success. `part` is what the file is called until it is finished, which is left to the caller.
Result<Fetched> fetch_backup(const Fetch& fetch, dump::NewFile& file,
                             const std::filesystem::path& part);

}  // namespace raftkv::cli::backup
