#pragma once

#include <string_view>

#include "common/result.hpp"
#include "node/raft/types.hpp"

namespace raftkv::storage {

// Takes the state that a folder holds, piece by piece: a snapshot, if there is one, then what was
// committed after it.
class StateSink {
  public:
    virtual ~StateSink() = default;
    // All that came before is forgotten: it begins, or begins again.
    virtual void start() = 0;
    // The chunks of a snapshot in their order, as they were written.
    virtual Result<void> snapshot_chunk(std::string_view chunk) = 0;
    // The snapshot is complete: the state after the entry that it names, and who belonged to the
    // cluster then, as the snapshot says it.
    virtual Result<void> snapshot_end(const raft::SnapshotId& id, std::string_view members) = 0;
    // The entry after the snapshot or the one before, or entry 1.
    virtual void committed(const raft::Entry& entry) = 0;
};

}  // namespace raftkv::storage
