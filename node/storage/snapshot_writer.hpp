#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/growing_file.hpp"
#include "node/storage/snapshot_format.hpp"

namespace raftkv::storage {

// Writes the file of a snapshot. It has its name, snapshot-<index>, when it is complete and
// durable; a writer that goes before that leaves nothing. May run on another thread than the log.
//
// After an error (no_space; or io, which should end the process) everything written was removed,
// and every further call gives the same error.
class SnapshotWriter {
  public:
    static Result<std::unique_ptr<SnapshotWriter>> create(Disk& disk, const SnapshotMeta& meta);

    // 1 byte to max_snapshot_chunk_bytes.
    Result<void> add(std::string_view chunk);
    // Gives the size of the file, which is in its place now. Last call.
    Result<std::uint64_t> finish();
    void abandon() { file_->abandon(); }

  private:
    SnapshotWriter(std::unique_ptr<GrowingFile> file, LogIndex index)
        : file_(std::move(file)), index_(index) {}
    Result<void> append(std::string_view bytes);

    std::unique_ptr<GrowingFile> file_;
    LogIndex index_;
    SnapshotTotals totals_;
    std::optional<Error> failed_;
};

}  // namespace raftkv::storage
