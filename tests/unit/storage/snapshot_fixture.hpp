#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/snapshot_format.hpp"

namespace raftkv::storage {

using Chunks = std::vector<std::string>;

SnapshotMeta meta_at(std::uint64_t index, std::uint64_t term, const std::string& members = "");

// Some `count` chunks of `size` bytes and a little more each, the same for each seed.
Chunks some_chunks(std::size_t count, std::size_t size, std::uint64_t seed = 1);

// The size of the file.
Result<std::uint64_t> write_snapshot(Disk& disk, const SnapshotMeta& meta, const Chunks& chunks);

// All of a file, verified.
struct ReadSnapshot {
    SnapshotMeta meta;
    Chunks chunks;

    bool operator==(const ReadSnapshot&) const = default;
};
// `so_far` is what was read when damage was found.
Result<ReadSnapshot> read_snapshot(Disk& disk, std::uint64_t index, ReadSnapshot& so_far);
Result<ReadSnapshot> read_snapshot(Disk& disk, std::uint64_t index);

}  // namespace raftkv::storage
