#include "node/storage/snapshot_format.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>

#include "common/bytes.hpp"
#include "common/check.hpp"
#include "common/checksum.hpp"

namespace raftkv::storage {

namespace {

constexpr std::string_view name_prefix = "snapshot-";
constexpr std::string_view written_suffix = ".tmp";
constexpr std::string_view received_suffix = ".part";
constexpr std::size_t header_sum_at = offsetof(SnapshotHeaderLayout, checksum);
constexpr std::size_t footer_sum_at = offsetof(SnapshotFooterLayout, checksum);

template <class Layout>
std::optional<Layout> layout_of(std::string_view bytes) {
    Layout layout;
    if (bytes.size() < sizeof(layout)) {
        return std::nullopt;
    }
    std::memcpy(&layout, bytes.data(), sizeof(layout));
    return layout;
}

}  // namespace

void SnapshotTotals::add(std::uint64_t length, std::uint64_t payload_sum) {
    ++chunks;
    payload_bytes += length;
    chain = checksum(bytes_of(payload_sum), chain);
}

std::string encode_snapshot_header(const SnapshotMeta& meta, SnapshotTotals& totals) {
    RAFTKV_CHECK(meta.members.size() <= max_snapshot_members_bytes);
    SnapshotHeaderLayout layout{};
    layout.magic = snapshot_magic;
    layout.version = snapshot_format_version;
    layout.members_length = static_cast<std::uint32_t>(meta.members.size());
    layout.cluster_id = meta.cluster_id;
    layout.index = meta.id.index.value();
    layout.term = meta.id.term.value();
    layout.members_sum = snapshot_members_sum(meta.members);
    layout.checksum = checksum(bytes_of(layout).substr(0, header_sum_at), snapshot_magic);
    totals = {0, 0, layout.checksum};
    std::string bytes(bytes_of(layout));
    bytes += meta.members;
    bytes.resize(snapshot_header_bytes + padded(meta.members.size()), '\0');
    return bytes;
}

void encode_snapshot_chunk(std::string& out, std::string_view payload, std::uint64_t offset,
                           SnapshotTotals& totals) {
    RAFTKV_CHECK(!payload.empty() && payload.size() <= max_snapshot_chunk_bytes);
    SnapshotChunkLayout layout{};
    layout.length = static_cast<std::uint32_t>(payload.size());
    layout.payload_sum = snapshot_chunk_sum(payload, offset);
    out.append(bytes_of(layout));
    totals.add(layout.length, layout.payload_sum);
}

std::string encode_snapshot_footer(const SnapshotTotals& totals) {
    SnapshotFooterLayout layout{};
    layout.magic = snapshot_footer_magic;
    layout.chunks = totals.chunks;
    layout.payload_bytes = totals.payload_bytes;
    layout.chain = totals.chain;
    layout.checksum = checksum(bytes_of(layout).substr(0, footer_sum_at), snapshot_footer_magic);
    return std::string(bytes_of(layout));
}

std::optional<DecodedSnapshotHeader> decode_snapshot_header(std::string_view bytes) {
    const auto layout = layout_of<SnapshotHeaderLayout>(bytes);
    if (!layout || layout->magic != snapshot_magic || layout->version != snapshot_format_version ||
        layout->checksum != checksum(bytes.substr(0, header_sum_at), snapshot_magic) ||
        layout->members_length > max_snapshot_members_bytes) {
        return std::nullopt;
    }
    DecodedSnapshotHeader header;
    header.meta.cluster_id = layout->cluster_id;
    header.meta.id = {LogIndex(layout->index), Term(layout->term)};
    header.members_length = layout->members_length;
    header.members_sum = layout->members_sum;
    header.totals.chain = layout->checksum;
    return header;
}

std::uint64_t snapshot_members_sum(std::string_view members) {
    return checksum(members, snapshot_magic);
}

std::optional<DecodedSnapshotChunk> decode_snapshot_chunk(std::string_view bytes) {
    const auto layout = layout_of<SnapshotChunkLayout>(bytes);
    if (!layout || layout->length == 0 || layout->length > max_snapshot_chunk_bytes ||
        layout->zero != 0) {
        return std::nullopt;
    }
    return DecodedSnapshotChunk{layout->length, layout->payload_sum};
}

std::uint64_t snapshot_chunk_sum(std::string_view payload, std::uint64_t offset) {
    return checksum(payload, offset);
}

bool is_snapshot_footer(std::string_view bytes) {
    return ByteReader(bytes).take<std::uint64_t>() == snapshot_footer_magic;
}

std::optional<SnapshotTotals> decode_snapshot_footer(std::string_view bytes) {
    const auto layout = layout_of<SnapshotFooterLayout>(bytes);
    if (!layout || layout->magic != snapshot_footer_magic ||
        layout->checksum != checksum(bytes.substr(0, footer_sum_at), snapshot_footer_magic)) {
        return std::nullopt;
    }
    return SnapshotTotals{layout->chunks, layout->payload_bytes, layout->chain};
}

std::string snapshot_name(LogIndex index) {
    return fmt::format("{}{:020}", name_prefix, index.value());
}

std::optional<LogIndex> parse_snapshot_name(std::string_view name) {
    if (!name.starts_with(name_prefix)) {
        return std::nullopt;
    }
    const std::string_view digits = name.substr(name_prefix.size());
    std::uint64_t number = 0;
    const char* end = digits.data() + digits.size();
    auto [stopped, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || stopped != end || snapshot_name(LogIndex(number)) != name) {
        return std::nullopt;
    }
    return LogIndex(number);
}

std::string written_snapshot_name(LogIndex index) {
    return snapshot_name(index).append(written_suffix);
}

std::string received_snapshot_name(LogIndex index) {
    return snapshot_name(index).append(received_suffix);
}

bool is_unfinished_snapshot_name(std::string_view name) {
    for (std::string_view suffix : {written_suffix, received_suffix}) {
        if (name.ends_with(suffix)) {
            return parse_snapshot_name(name.substr(0, name.size() - suffix.size())).has_value();
        }
    }
    return false;
}

}  // namespace raftkv::storage
