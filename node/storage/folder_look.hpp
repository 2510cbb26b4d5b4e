#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/result.hpp"
#include "node/raft/restored.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/folder.hpp"
#include "node/storage/identity.hpp"
#include "node/storage/segment_look.hpp"
#include "node/storage/snapshot_format.hpp"
#include "node/storage/state_sink.hpp"

namespace raftkv::storage {

struct SnapshotLook {
    std::string name;
    LogIndex index;
    std::uint64_t bytes = 0;
    std::optional<SnapshotMeta> meta;  // when the header is good
    SnapshotTotals totals;             // of the good chunks
    std::optional<Damage> damage;
};

// All that can be said of a node's folder from outside.
struct FolderLook {
    Folder files;
    std::optional<FoundIdentity> identity;
    std::vector<SegmentLook> segments;
    std::vector<SnapshotLook> snapshots;
    // What a node would start from, or why it would not start.
    raft::Restored state;
    std::string repair;            // what a start would cut off; else empty
    std::optional<Error> refusal;  // then nothing is known of the state
};

// Reads everything, each file by itself and then all of them as a start does, and changes nothing.
// Damage is part of the answer. `sink` is given the state. Fails with usage when the folder holds
// no log, and with io.
Result<FolderLook> look_at_folder(Disk& disk, StateSink& sink);

}  // namespace raftkv::storage
