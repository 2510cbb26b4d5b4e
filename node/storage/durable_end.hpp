#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/storage/disk.hpp"

// How far the log is known to be durable, in a file of its own: without it, a log whose last
// segment is gone looks like one that ends there.

namespace raftkv::storage {

constexpr const char* durable_end_name = "durable";
constexpr const char* durable_end_temporary_name = "durable.tmp";

// Everything up to `offset` of this segment was durable, and so all segments before it were.
struct DurableEnd {
    std::uint64_t sequence = 0;
    std::uint64_t salt = 0;  // of that segment
    std::uint64_t offset = 0;
    LogIndex last_index;  // of the last entry then; for messages

    bool operator==(const DurableEnd&) const = default;
};

// The file has two places of one sector, which are written in turn: the other one survives a write
// that was cut short. Numbers are little endian, and the sum is XXH3 of all before it.
constexpr std::uint64_t durable_end_place_bytes = 512;
struct DurableEndLayout {
    std::uint64_t magic;
    std::uint64_t count;  // of writes so far: the larger one counts
    std::uint64_t sequence;
    std::uint64_t salt;
    std::uint64_t offset;
    std::uint64_t last_index;
    std::uint64_t checksum;
};
static_assert(sizeof(DurableEndLayout) == 56);

// Nothing when there is no such file (older programs made none); corrupt when it makes no sense.
Result<std::optional<DurableEnd>> find_durable_end(Disk& disk);

// Keeps the file. Its functions may be called from several threads.
class DurableEndFile {
  public:
    explicit DurableEndFile(Disk& disk) : disk_(disk) {}

    // The log is durable up to here. Cheap: the file is left alone.
    void reached(const DurableEnd& end);
    // Whether the file says less than what was reached.
    bool is_behind() const;
    // Makes the file say what was reached, durably. Only where there is no file yet it needs room,
    // and may fail with no_space; it may be called again then.
    Result<void> write();

  private:
    Result<void> open();
    Result<void> create(const DurableEnd& end);
    Result<void> put(const DurableEnd& end);

    Disk& disk_;
    mutable std::mutex reached_mutex_;  // guards these two
    DurableEnd reached_;
    DurableEnd written_;
    std::mutex file_mutex_;  // guards these
    std::unique_ptr<File> file_;
    std::uint64_t count_ = 0;
};

}  // namespace raftkv::storage
