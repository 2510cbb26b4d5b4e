#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/snapshot_format.hpp"

namespace raftkv::storage {

// Reads the file of a snapshot from its beginning to its end, and trusts no byte of it: damage is
// kind corrupt, with file and offset. The file stays readable while it is open, even when its name
// goes. One thread at a time.
class SnapshotReader {
  public:
    static Result<std::unique_ptr<SnapshotReader>> open(Disk& disk, LogIndex index);
    // A file under any name.
    static Result<std::unique_ptr<SnapshotReader>> open(Disk& disk, const std::string& name);

    const SnapshotMeta& meta() const { return meta_; }
    std::uint64_t size() const { return size_; }

    // The next chunk, valid until the next call; none when the last one was read, and the whole
    // file is as it was written.
    Result<std::optional<std::string_view>> next();
    // Where next() goes on.
    std::uint64_t offset() const { return offset_; }
    // What was read so far.
    const SnapshotTotals& totals() const { return totals_; }

    // Bytes as they are, for sending: at most `bytes`, fewer only at the end of the file. Leaves
    // next() alone.
    Result<std::string> read_raw(std::uint64_t offset, std::size_t bytes);

  private:
    SnapshotReader(std::unique_ptr<File> file, std::string path, std::uint64_t size)
        : file_(std::move(file)), path_(std::move(path)), size_(size) {}

    Result<void> read_header();
    Result<void> read_members(const DecodedSnapshotHeader& header);
    Result<void> check_footer();
    // `bytes` of the file from offset_ on, valid until the next call.
    Result<std::string_view> window(std::uint64_t bytes);
    Error damage(std::string_view what) const;

    std::unique_ptr<File> file_;
    std::string path_;
    std::uint64_t size_;
    SnapshotMeta meta_;
    SnapshotTotals totals_;
    std::uint64_t offset_ = 0;
    std::string block_;
    std::uint64_t block_offset_ = 0;
};

// Reads all that is left of the file: whether it is as it was written.
Result<void> verify_snapshot(SnapshotReader& reader);

}  // namespace raftkv::storage
