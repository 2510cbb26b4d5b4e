#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/result.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/record.hpp"
#include "node/storage/record_reader.hpp"
#include "node/storage/segment.hpp"

namespace raftkv::storage {

// What is wrong in a file, and from where on.
struct Damage {
    std::string file;
    std::uint64_t offset = 0;
    std::string what;
};

// A segment by itself, whatever comes before or after it.
struct SegmentLook {
    SegmentName name;
    std::uint64_t bytes = 0;                 // of the file
    std::optional<SegmentHeader> header;     // when it is good
    std::array<std::uint64_t, 6> records{};  // of each RecordKind
    std::optional<LogIndex> first_entry;     // in the order of the records; some may be void
    LogIndex last_entry;
    std::uint64_t end = 0;         // of the good records
    std::uint64_t torn_bytes = 0;  // behind them, as a crash may leave it in the last segment
    std::optional<Damage> damage;

    std::uint64_t records_in_all() const;
};

// Reads all good records of a segment; damage is part of the answer. `last`: it is the newest one,
// where a crash may have left a torn end. `visit` is given each record and may be empty.
Result<SegmentLook> look_at_segment(Disk& disk, const SegmentName& name, bool last,
                                    const std::function<void(const RecordReader&)>& visit);

}  // namespace raftkv::storage
