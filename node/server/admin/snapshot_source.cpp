#include "node/server/admin/snapshot_source.hpp"

namespace raftkv::server {

Result<LogIndex> ReplicaSnapshots::order_snapshot() {
    if (auto index = replica_.want_snapshot()) return *index;
    return Error{ErrorKind::failed, replica_.standing().distrusted
                                        ? "the state of this node is the odd one out"
                                        : "nothing is committed yet"};
}

Result<std::unique_ptr<storage::SnapshotReader>> ReplicaSnapshots::open_snapshot() {
    const LogIndex index = replica_.status().snapshot.index;
    if (index == LogIndex(0)) return Error{ErrorKind::failed, "there is no snapshot yet"};
    return storage::SnapshotReader::open(disk_, index);
}

}  // namespace raftkv::server
