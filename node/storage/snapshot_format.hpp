#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/strong_types.hpp"
#include "node/raft/types.hpp"

// The bytes of a snapshot's file: a header, the members, chunks, a footer, each at a multiple of
// 8. README.md has the same in prose. Nothing in it depends on the node that wrote it or on when it
// did: servers of a cluster make the same bytes for the same index. Numbers are little endian.
// Decoders take any bytes whatsoever.

namespace raftkv::storage {

constexpr std::uint64_t snapshot_magic = 0x0a31504e53564b52;         // "RKVSNP1\n"
constexpr std::uint64_t snapshot_footer_magic = 0x0a444e4553564b52;  // "RKVSEND\n"
constexpr std::uint32_t snapshot_format_version = 1;
constexpr std::uint32_t max_snapshot_chunk_bytes = 20u << 20;
constexpr std::uint32_t max_snapshot_members_bytes = 1u << 20;

struct SnapshotHeaderLayout {
    std::uint64_t magic;
    std::uint32_t version;
    std::uint32_t members_length;
    std::uint64_t cluster_id;
    std::uint64_t index;
    std::uint64_t term;
    std::uint64_t members_sum;
    std::uint64_t checksum;  // of all before it
};
static_assert(sizeof(SnapshotHeaderLayout) == 56);
static_assert(std::has_unique_object_representations_v<SnapshotHeaderLayout>);

// Then the payload, and zeros up to a multiple of 8.
struct SnapshotChunkLayout {
    std::uint32_t length;  // of the payload, at least 1
    std::uint32_t zero;
    std::uint64_t payload_sum;  // seeded with the offset of this header
};
static_assert(sizeof(SnapshotChunkLayout) == 16);
static_assert(std::has_unique_object_representations_v<SnapshotChunkLayout>);
static_assert((snapshot_footer_magic & 0xffffffff) > max_snapshot_chunk_bytes,
              "a footer is no chunk");

struct SnapshotFooterLayout {
    std::uint64_t magic;
    std::uint64_t chunks;
    std::uint64_t payload_bytes;  // of all chunks
    std::uint64_t chain;          // over the header and the sums of all chunks
    std::uint64_t checksum;       // of all before it
};
static_assert(sizeof(SnapshotFooterLayout) == 40);
static_assert(std::has_unique_object_representations_v<SnapshotFooterLayout>);

constexpr std::uint64_t snapshot_header_bytes = sizeof(SnapshotHeaderLayout);
constexpr std::uint64_t snapshot_chunk_header_bytes = sizeof(SnapshotChunkLayout);
constexpr std::uint64_t snapshot_footer_bytes = sizeof(SnapshotFooterLayout);
static_assert(snapshot_header_bytes % 8 == 0 && snapshot_footer_bytes % 8 == 0);

constexpr std::uint64_t padded(std::uint64_t bytes) {
    return (bytes + 7) / 8 * 8;
}

// What a snapshot says about itself.
struct SnapshotMeta {
    std::uint64_t cluster_id = 0;
    raft::SnapshotId id;
    std::string members;  // who belongs to the cluster, as of that entry; may be empty

    bool operator==(const SnapshotMeta&) const = default;
};

// Of all the chunks.
struct SnapshotTotals {
    std::uint64_t chunks = 0;
    std::uint64_t payload_bytes = 0;
    std::uint64_t chain = 0;

    void add(std::uint64_t length, std::uint64_t payload_sum);
    bool operator==(const SnapshotTotals&) const = default;
};

// The header with the members and their padding; `totals` begin with it.
std::string encode_snapshot_header(const SnapshotMeta& meta, SnapshotTotals& totals);
// Appends the header of a chunk that will stand at `offset`.
void encode_snapshot_chunk(std::string& out, std::string_view payload, std::uint64_t offset,
                           SnapshotTotals& totals);
std::string encode_snapshot_footer(const SnapshotTotals& totals);

// A header without the members, which are read next.
struct DecodedSnapshotHeader {
    SnapshotMeta meta;
    std::uint32_t members_length = 0;
    std::uint64_t members_sum = 0;
    SnapshotTotals totals;  // of no chunks yet
};
// Nothing when the bytes are no undamaged header of this format.
std::optional<DecodedSnapshotHeader> decode_snapshot_header(std::string_view bytes);
std::uint64_t snapshot_members_sum(std::string_view members);

struct DecodedSnapshotChunk {
    std::uint32_t length = 0;
    std::uint64_t payload_sum = 0;
};
std::optional<DecodedSnapshotChunk> decode_snapshot_chunk(std::string_view bytes);
std::uint64_t snapshot_chunk_sum(std::string_view payload, std::uint64_t offset);
bool is_snapshot_footer(std::string_view bytes);
std::optional<SnapshotTotals> decode_snapshot_footer(std::string_view bytes);

// snapshot-<index>, with so many digits that names sort as the indexes do.
std::string snapshot_name(LogIndex index);
std::optional<LogIndex> parse_snapshot_name(std::string_view name);
// While it is being written, and while it is being received.
std::string written_snapshot_name(LogIndex index);
std::string received_snapshot_name(LogIndex index);
// One of these two; recovery removes them.
bool is_unfinished_snapshot_name(std::string_view name);

}  // namespace raftkv::storage
