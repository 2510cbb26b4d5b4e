#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "node/raft/types.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/entry_index.hpp"
#include "node/storage/log_summary.hpp"
#include "node/storage/segment.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::storage {

// Where a log that was read ends, and all that is needed to go on with it.
struct OpenLog {
    std::vector<Segment> segments;  // empty: there is no log yet
    std::unique_ptr<File> last_file;
    std::uint64_t end = 0;       // of the records in the last segment
    std::uint64_t last_sum = 0;  // of the last record there, 0 when it has none
    bool marked = true;          // nothing durable is missing a record that says so
    LogSummary summary;
    EntryIndex index;
};

// Reads the whole log in one pass, from the first segment on; see Wal::open. `segments` are those
// that are in place, in order of their names. What is given back is durable. A torn tail is cut
// off; else nothing is changed.
Result<OpenLog> recover(Disk& disk, const Identity& identity,
                        const std::vector<SegmentName>& segments,
                        const std::function<void(const raft::Entry&)>& on_committed,
                        Recovered& recovered);

}  // namespace raftkv::storage
