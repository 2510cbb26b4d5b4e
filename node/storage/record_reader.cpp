#include "node/storage/record_reader.hpp"

#include <algorithm>
#include <utility>

namespace raftkv::storage {

namespace {

constexpr std::uint64_t read_ahead_bytes = 128u << 10;

}  // namespace

RecordReader::RecordReader(File& file, std::uint64_t salt, std::uint64_t offset,
                           std::uint64_t limit)
    : file_(file), salt_(salt), offset_(offset), limit_(limit) {}

Result<RecordReader::Found> RecordReader::next() {
    if (limit_ - offset_ < record_header_bytes) {
        return Found::end;
    }
    Result<std::string_view> head = window(record_header_bytes);
    if (!head) {
        return head.error();
    }
    const RecordPlace place{salt_, offset_};
    auto decoded = decode_header(*head, place);
    if (!decoded) {
        const bool zeros = head->find_first_not_of('\0') == std::string_view::npos;
        return zeros ? Found::end : Found::damage;
    }
    // The header's sum vouches for the length; the bound holds memory even if it lied.
    const std::uint64_t size = record_bytes(decoded->length);
    if (size > limit_ - offset_) {
        return Found::damage;
    }
    Result<std::string_view> whole = window(size);
    if (!whole) {
        return whole.error();
    }
    const std::string_view payload = whole->substr(record_header_bytes, decoded->length);
    if (!payload_matches(*decoded, payload, place)) {
        return Found::damage;
    }
    header_ = *decoded;
    payload_ = payload.empty() ? SharedBytes() : SharedBytes(block_, payload);
    record_offset_ = offset_;
    offset_ += size;
    return Found::record;
}

Result<std::string_view> RecordReader::window(std::uint64_t size) {
    if (!block_ || offset_ + size > block_offset_ + block_->size()) {
        const std::uint64_t wanted = std::min(std::max(size, read_ahead_bytes), limit_ - offset_);
        Result<std::string> bytes = file_.read_at(offset_, wanted);
        if (!bytes) {
            return bytes.error();
        }
        if (bytes->size() < size) {
            return Error{ErrorKind::io, "a file of the log became shorter while it was read"};
        }
        block_ = std::make_shared<const std::string>(std::move(*bytes));
        block_offset_ = offset_;
    }
    return std::string_view(*block_).substr(offset_ - block_offset_, size);
}

}  // namespace raftkv::storage
