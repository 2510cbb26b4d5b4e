#pragma once

#include <memory>

#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/replica/replica.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/snapshot_reader.hpp"

namespace raftkv::server {

// Where the admin port gets the files of snapshots from, which are backups as they are.
class SnapshotSource {
  public:
    // Has a snapshot taken of the state as it is now, unless there is one. The newest one is of
    // that entry, or of a later one, as soon as it is complete: the status says so.
    virtual Result<LogIndex> order_snapshot() = 0;
    // The newest one that is complete. It stays readable, on any one thread, when newer ones come.
    virtual Result<std::unique_ptr<storage::SnapshotReader>> open_snapshot() = 0;

  protected:
    ~SnapshotSource() = default;
};

// Those of this node; both outlive this.
class ReplicaSnapshots final : public SnapshotSource {
  public:
    ReplicaSnapshots(replica::Replica& replica, storage::Disk& disk)
        : replica_(replica), disk_(disk) {}

    Result<LogIndex> order_snapshot() override;
    Result<std::unique_ptr<storage::SnapshotReader>> open_snapshot() override;

  private:
    replica::Replica& replica_;
    storage::Disk& disk_;
};

}  // namespace raftkv::server
