#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::storage {

// A file of zeros, and of a size, both durable, under a temporary name.
struct PreparedSegment {
    std::string name;
    std::uint64_t bytes = 0;
    std::unique_ptr<File> file;
};

// Segments that wait for their turn. One thread prepares ahead while another takes; the lock is
// held only to hand them over, never while zeros are written.
class SegmentPool {
  public:
    SegmentPool(Disk& disk, const WalOptions& options);

    // None is there and none is being made.
    bool wants() const;
    // Makes one if wants(). Whatever went wrong, nothing is left behind.
    Result<void> prepare();
    // There are `count` when this returns: makes what is missing, after the one that is being made.
    // Where they are there already it does not wait, whatever is being made.
    Result<void> ensure(std::size_t count);
    // One must be there.
    PreparedSegment take();

    // So much is written to the log between two syncs now, on the average: segments that are made
    // from now on suit that. Where zeros were written, the sync of a small write has nothing to
    // note but the write. But they are as much to write as the log itself, which holds up large
    // writes: for those it is left to the file system to know that the file is empty.
    void expect_batches_of(std::uint64_t bytes) { batch_bytes_ = bytes; }

  private:
    // Makes one and adds it. `preparing_` was set by the caller.
    Result<void> make();
    Result<PreparedSegment> make_file(const std::string& name);

    Disk& disk_;
    const WalOptions options_;
    std::atomic<std::uint64_t> batch_bytes_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable made_;
    bool preparing_ = false;  // at most one at a time
    std::uint64_t next_number_ = 0;
    std::deque<PreparedSegment> ready_;
};

}  // namespace raftkv::storage
