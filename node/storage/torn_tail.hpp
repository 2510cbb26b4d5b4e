#pragma once

#include <cstdint>
#include <string>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/segment.hpp"

namespace raftkv::storage {

// What follows the last good record of a segment.
struct TailScan {
    // The largest `synced` that any undamaged record there claims; 0 when there is none.
    std::uint64_t synced = 0;
    // The end of the last 8 bytes that are not zero; `from` when all are.
    std::uint64_t nonzero_end = 0;
};

// Looks at [from, segment.bytes), at every place where a record might begin.
Result<TailScan> scan_tail(File& file, const Segment& segment, std::uint64_t from);

// Copies [from, to) of the segment to a file of its own, then puts zeros over it, durably. May be
// repeated after a crash at any moment. Gives the name of the copy, or an empty one when there was
// no space for it: it is for curiosity and not worth keeping a node from starting.
Result<std::string> cut_torn_tail(Disk& disk, File& file, const Segment& segment,
                                  std::uint64_t from, std::uint64_t to);

}  // namespace raftkv::storage
