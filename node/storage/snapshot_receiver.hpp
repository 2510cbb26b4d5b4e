#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "common/result.hpp"
#include "node/raft/types.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/growing_file.hpp"

namespace raftkv::storage {

// Puts the file of a snapshot together from what others send of it, piece by piece from its
// beginning on. The senders may change, the bytes are the same everywhere. It has its name when it
// is complete, verified and durable; a receiver that goes before that leaves nothing.
//
// After an error of kind no_space or io everything was removed, and every further call gives the
// same error; io should end the process.
class SnapshotReceiver {
  public:
    static Result<std::unique_ptr<SnapshotReceiver>> create(Disk& disk, const raft::SnapshotId& id);

    // How much is there, and where the next piece belongs. A piece for another place is refused
    // (kind failed), which changes nothing.
    std::uint64_t offset() const { return file_->size(); }
    Result<void> append(std::uint64_t offset, std::string_view bytes);

    // Reads back all of it, and gives its size when it is the whole snapshot that was promised.
    // A damaged or another one is removed (kind corrupt). Last call.
    Result<std::uint64_t> finish(std::uint64_t cluster_id);
    void abandon() { file_->abandon(); }

  private:
    SnapshotReceiver(Disk& disk, std::unique_ptr<GrowingFile> file, const raft::SnapshotId& id)
        : disk_(disk), file_(std::move(file)), id_(id) {}
    Result<void> verify(std::uint64_t cluster_id);

    Disk& disk_;
    std::unique_ptr<GrowingFile> file_;
    raft::SnapshotId id_;
    std::optional<Error> failed_;
};

}  // namespace raftkv::storage
