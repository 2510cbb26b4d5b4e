#include "node/storage/segment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "node/storage/record.hpp"

namespace raftkv::storage {

namespace {

constexpr std::string_view segment_prefix = "wal-";
constexpr std::string_view unfinished_prefix = "next-";
constexpr std::string_view unfinished_suffix = ".tmp";
constexpr std::string_view torn_prefix = "torn-";

std::optional<std::uint64_t> parse_number(std::string_view digits) {
    std::uint64_t number = 0;
    const char* end = digits.data() + digits.size();
    auto [stopped, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || stopped != end) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

std::string segment_name(std::uint64_t sequence, LogIndex first_index) {
    return fmt::format("{}{:010}-{:020}", segment_prefix, sequence, first_index.value());
}

std::optional<SegmentName> parse_segment_name(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (!name.starts_with(segment_prefix) || dash < segment_prefix.size()) {
        return std::nullopt;
    }
    auto sequence = parse_number(name.substr(segment_prefix.size(), dash - segment_prefix.size()));
    auto first_index = parse_number(name.substr(dash + 1));
    if (!sequence || !first_index) {
        return std::nullopt;
    }
    SegmentName parsed{*sequence, LogIndex(*first_index), std::string(name)};
    if (segment_name(parsed.sequence, parsed.first_index) != name) {
        return std::nullopt;
    }
    return parsed;
}

std::string unfinished_name(std::uint64_t number) {
    return fmt::format("{}{}{}", unfinished_prefix, number, unfinished_suffix);
}

bool is_unfinished_name(std::string_view name) {
    return name.starts_with(unfinished_prefix) && name.ends_with(unfinished_suffix);
}

std::string torn_name(const std::string& segment_name, std::uint64_t offset, unsigned number) {
    return fmt::format("{}{}-{:010}-{}", torn_prefix, segment_name, offset, number);
}

bool is_torn_name(std::string_view name) {
    return name.starts_with(torn_prefix);
}

bool is_segment_size(std::uint64_t bytes) {
    return bytes >= min_segment_bytes && bytes <= max_segment_bytes &&
           bytes % record_alignment == 0;
}

Result<void> write_zeros(File& file, std::uint64_t from, std::uint64_t to) {
    static constexpr std::array<char, 64u << 10> zeros{};
    std::vector<std::string_view> pieces;
    for (std::uint64_t left = to - from; left > 0; left -= pieces.back().size()) {
        pieces.emplace_back(zeros.data(), std::min<std::uint64_t>(left, zeros.size()));
    }
    return file.write_at(from, pieces);
}

}  // namespace raftkv::storage
