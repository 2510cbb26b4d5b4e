#include "tests/unit/storage/snapshot_fixture.hpp"

#include <random>

#include "node/storage/snapshot_reader.hpp"
#include "node/storage/snapshot_writer.hpp"

namespace raftkv::storage {

SnapshotMeta meta_at(std::uint64_t index, std::uint64_t term, const std::string& members) {
    return {0x1234, {LogIndex(index), Term(term)}, members};
}

Chunks some_chunks(std::size_t count, std::size_t size, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Chunks chunks;
    for (std::size_t i = 0; i < count; ++i) {
        std::string chunk(size + random() % 20, static_cast<char>('a' + random() % 26));
        chunk[random() % chunk.size()] = '\0';
        chunks.push_back(chunk);
    }
    return chunks;
}

Result<std::uint64_t> write_snapshot(Disk& disk, const SnapshotMeta& meta, const Chunks& chunks) {
    auto writer = SnapshotWriter::create(disk, meta);
    if (!writer) {
        return writer.error();
    }
    for (const std::string& chunk : chunks) {
        if (auto added = (*writer)->add(chunk); !added) {
            return added.error();
        }
    }
    return (*writer)->finish();
}

Result<ReadSnapshot> read_snapshot(Disk& disk, std::uint64_t index, ReadSnapshot& so_far) {
    auto reader = SnapshotReader::open(disk, LogIndex(index));
    if (!reader) {
        return reader.error();
    }
    so_far.meta = (*reader)->meta();
    for (;;) {
        auto chunk = (*reader)->next();
        if (!chunk) {
            return chunk.error();
        }
        if (!*chunk) {
            return so_far;
        }
        so_far.chunks.emplace_back(**chunk);
    }
}

Result<ReadSnapshot> read_snapshot(Disk& disk, std::uint64_t index) {
    ReadSnapshot so_far;
    return read_snapshot(disk, index, so_far);
}

}  // namespace raftkv::storage
