#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/bytes.hpp"
#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/record.hpp"

namespace raftkv::storage {

// Reads the records of one segment, one after another, in blocks of a fixed size. Payloads share
// the block that they were read in.
class RecordReader {
  public:
    enum class Found {
        record,
        end,     // no room for a record, or zeros where the next one's header would be
        damage,  // anything else
    };

    // From `offset` on, where a record begins; nothing at or past `limit` is looked at. The file
    // must outlive the reader.
    RecordReader(File& file, std::uint64_t salt, std::uint64_t offset, std::uint64_t limit);

    // Moves on to the next record. After end or damage it stays where it is.
    Result<Found> next();

    // Of the record that next() found.
    const Record& record() const { return header_.record; }
    const SharedBytes& payload() const { return payload_; }
    std::uint64_t sum() const { return header_.header_sum; }
    std::uint64_t record_offset() const { return record_offset_; }

    // Where the next record begins, or would.
    std::uint64_t offset() const { return offset_; }

  private:
    // `size` bytes at the current offset, valid until the next call.
    Result<std::string_view> window(std::uint64_t size);

    File& file_;
    std::uint64_t salt_;
    std::uint64_t offset_;
    std::uint64_t limit_;
    std::shared_ptr<const std::string> block_;
    std::uint64_t block_offset_ = 0;
    DecodedHeader header_;
    SharedBytes payload_;
    std::uint64_t record_offset_ = 0;
};

}  // namespace raftkv::storage
