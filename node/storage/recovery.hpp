#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "node/raft/types.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/entry_index.hpp"
#include "node/storage/folder.hpp"
#include "node/storage/log_summary.hpp"
#include "node/storage/segment.hpp"
#include "node/storage/state_sink.hpp"
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
    std::uint64_t snapshot_bytes = 0;
    std::vector<Segment> retired;  // in place, and needed no more
    // Files that a crash kept from counting, or from being removed.
    std::vector<std::string> leftovers;
};

enum class RecoveryMode {
    start,  // what is given back is durable; a torn tail is cut off, else nothing is changed
    look,   // nothing is changed, and files are only read
    start_with_other_snapshot,  // as start, but the file of the snapshot that counts is left alone
};

// Reads the snapshot that counts and the log, from its first segment on; see Wal::open.
Result<OpenLog> recover(Disk& disk, const Identity& identity, const LogFiles& files,
                        RecoveryMode mode, StateSink& sink, Recovered& recovered);

}  // namespace raftkv::storage
