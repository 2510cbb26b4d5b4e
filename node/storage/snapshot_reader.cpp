#include "node/storage/snapshot_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace raftkv::storage {

namespace {

constexpr std::uint64_t block_bytes = 1u << 20;

bool is_zeros(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

Result<std::unique_ptr<SnapshotReader>> SnapshotReader::open(Disk& disk, LogIndex index) {
    auto reader = open(disk, snapshot_name(index));
    if (reader && (*reader)->meta().id.index != index) {
        return Error{ErrorKind::corrupt,
                     fmt::format("{} is damaged: the file's name is that of another snapshot",
                                 disk.path_of(snapshot_name(index)))};
    }
    return reader;
}

Result<std::unique_ptr<SnapshotReader>> SnapshotReader::open(Disk& disk, const std::string& name) {
    auto file = disk.open(name, OpenMode::read_only);
    if (!file) {
        return file.error();
    }
    auto size = (*file)->size();
    if (!size) {
        return size.error();
    }
    std::unique_ptr<SnapshotReader> reader(
        new SnapshotReader(std::move(*file), disk.path_of(name), *size));
    if (auto header = reader->read_header(); !header) {
        return header.error();
    }
    return reader;
}

Result<void> SnapshotReader::read_header() {
    if (size_ < snapshot_header_bytes + snapshot_footer_bytes) {
        return damage("the file is too short");
    }
    auto bytes = window(snapshot_header_bytes);
    if (!bytes) {
        return bytes.error();
    }
    auto header = decode_snapshot_header(*bytes);
    if (!header) {
        return damage("the header is damaged, or of a format that this program does not know");
    }
    meta_ = std::move(header->meta);
    totals_ = header->totals;
    offset_ = snapshot_header_bytes;
    return read_members(*header);
}

Result<void> SnapshotReader::read_members(const DecodedSnapshotHeader& header) {
    const std::uint64_t room = padded(header.members_length);
    if (room > size_ - offset_) {
        return damage("the file ends among the members");
    }
    auto bytes = window(room);
    if (!bytes) {
        return bytes.error();
    }
    const std::string_view members = bytes->substr(0, header.members_length);
    if (snapshot_members_sum(members) != header.members_sum ||
        !is_zeros(bytes->substr(members.size()))) {
        return damage("the members are damaged");
    }
    meta_.members = members;
    offset_ += room;
    return {};
}

Result<std::optional<std::string_view>> SnapshotReader::next() {
    if (size_ - offset_ < snapshot_footer_bytes) {
        return damage("the file ends before the snapshot does");
    }
    auto head = window(snapshot_chunk_header_bytes);
    if (!head) {
        return head.error();
    }
    if (is_snapshot_footer(*head)) {
        auto complete = check_footer();
        return complete ? Result<std::optional<std::string_view>>(std::nullopt) : complete.error();
    }
    auto chunk = decode_snapshot_chunk(*head);
    if (!chunk) {
        return damage("neither a chunk nor the end is here");
    }
    const std::uint64_t whole = snapshot_chunk_header_bytes + padded(chunk->length);
    if (whole > size_ - offset_) {
        return damage("the file ends within a chunk");
    }
    auto bytes = window(whole);
    if (!bytes) {
        return bytes.error();
    }
    const std::string_view payload = bytes->substr(snapshot_chunk_header_bytes, chunk->length);
    if (snapshot_chunk_sum(payload, offset_) != chunk->payload_sum ||
        !is_zeros(bytes->substr(snapshot_chunk_header_bytes + chunk->length))) {
        return damage("a chunk is damaged");
    }
    totals_.add(chunk->length, chunk->payload_sum);
    offset_ += whole;
    return std::optional(payload);
}

// Stays in front of the footer, so that it may be asked again.
Result<void> SnapshotReader::check_footer() {
    auto bytes = window(snapshot_footer_bytes);
    if (!bytes) {
        return bytes.error();
    }
    const auto totals = decode_snapshot_footer(*bytes);
    if (!totals) {
        return damage("the end of the snapshot is damaged");
    }
    if (*totals != totals_) {
        return damage("the chunks are not those that the end of the snapshot tells of");
    }
    if (size_ - offset_ != snapshot_footer_bytes) {
        return damage("there is something after the end of the snapshot");
    }
    return {};
}

Result<std::string> SnapshotReader::read_raw(std::uint64_t offset, std::size_t bytes) {
    if (offset >= size_) {
        return std::string();
    }
    return file_->read_at(offset, std::min<std::uint64_t>(bytes, size_ - offset));
}

Result<std::string_view> SnapshotReader::window(std::uint64_t bytes) {
    if (offset_ < block_offset_ || offset_ + bytes > block_offset_ + block_.size()) {
        auto read = read_raw(offset_, std::max(bytes, block_bytes));
        if (!read) {
            return read.error();
        }
        if (read->size() < bytes) {
            return Error{ErrorKind::io, path_ + " became shorter while it was read"};
        }
        block_ = std::move(*read);
        block_offset_ = offset_;
    }
    return std::string_view(block_).substr(offset_ - block_offset_, bytes);
}

Error SnapshotReader::damage(std::string_view what) const {
    return {ErrorKind::corrupt,
            fmt::format("{} is damaged at offset {}: {}", path_, offset_, what)};
}

Result<void> verify_snapshot(SnapshotReader& reader) {
    for (;;) {
        auto chunk = reader.next();
        if (!chunk) {
            return chunk.error();
        }
        if (!*chunk) {
            return {};
        }
    }
}

}  // namespace raftkv::storage
