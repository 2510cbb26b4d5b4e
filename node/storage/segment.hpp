#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::storage {

// A segment in its place, under its final name.
struct Segment {
    std::uint64_t sequence = 0;
    LogIndex first_index;
    std::uint64_t bytes = 0;
    std::uint64_t salt = 0;
    std::string name;
};

struct SegmentName {
    std::uint64_t sequence = 0;
    LogIndex first_index;
    std::string name;
};

// wal-<sequence>-<first index>, with so many digits that names sort as the segments do.
std::string segment_name(std::uint64_t sequence, LogIndex first_index);
std::optional<SegmentName> parse_segment_name(std::string_view name);

// A segment in the making has a name that recovery knows to remove.
std::string unfinished_name(std::uint64_t number);
bool is_unfinished_name(std::string_view name);

// What is kept of the torn tail that began at this place, for the `number`th time.
std::string torn_name(const std::string& segment_name, std::uint64_t offset, unsigned number);
bool is_torn_name(std::string_view name);

constexpr std::uint64_t min_segment_bytes = 5u << 10;
constexpr std::uint64_t max_segment_bytes = 1u << 30;
// Smaller than the others: a new node should start at once, and zeros take time.
constexpr std::uint64_t first_segment_bytes = 1u << 20;
bool is_segment_size(std::uint64_t bytes);

// Entries fill a segment up to here; the rest is for term, vote and truncation.
constexpr std::uint64_t entry_limit(std::uint64_t segment_bytes) {
    return segment_bytes - segment_bytes / 16 / 8 * 8;
}
// A commit mark may take a little of that.
constexpr std::uint64_t mark_limit(std::uint64_t segment_bytes) {
    return entry_limit(segment_bytes) + segment_bytes / 64;
}

// Zeros over [from, to), written in one go but not synced.
Result<void> write_zeros(File& file, std::uint64_t from, std::uint64_t to);

}  // namespace raftkv::storage
