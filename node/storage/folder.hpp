#pragma once

#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/identity.hpp"
#include "node/storage/segment.hpp"

namespace raftkv::storage {

// The files of a folder that make a log, in order of their names.
struct LogFiles {
    std::vector<SegmentName> segments;
    std::vector<LogIndex> snapshots;
};

struct Folder {
    LogFiles log;
    std::vector<std::string> leftovers;    // of something that a crash kept from being finished
    std::vector<std::string> torn_copies;  // of what crashes left behind the last good record
};

// What is there, by name. Strangers are left out.
Result<Folder> list_folder(Disk& disk);

// The identity and the segments belong together; where one is missing, somebody removed it (kind
// corrupt).
Result<void> check_belonging(Disk& disk, const Folder& folder, bool has_identity);

}  // namespace raftkv::storage
