#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/raft/types.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/folder.hpp"
#include "node/storage/segment_look.hpp"

namespace raftkv::storage {

struct EntryRange {
    LogIndex from{1};
    LogIndex to{~std::uint64_t{0}};
};

struct EntryWalk {
    LogIndex commit;              // the newest that the log knows
    std::vector<Damage> damages;  // what could not be read, and was passed over
};

// Gives the entries of a log in this range, in order, without those that were void later; also of
// a log that is damaged, as far as it can be read. Reads twice, and changes nothing. `visit` is
// told, too, up to where entries are known to be committed.
Result<EntryWalk> walk_entries(
    Disk& disk, const LogFiles& files, const EntryRange& range,
    const std::function<void(const raft::Entry& entry, bool committed)>& visit);

}  // namespace raftkv::storage
