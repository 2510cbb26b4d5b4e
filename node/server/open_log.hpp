#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/kv/store.hpp"
#include "node/raft/restored.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::server {

// What a node finds in its folder when it starts.
struct OpenedLog {
    std::unique_ptr<storage::Disk> disk;  // holds the folder; outlives the log
    std::unique_ptr<storage::Wal> wal;
    std::uint64_t cluster_id = 0;  // that the folder belongs to; 0: to none yet
    // The identity of the cluster that this node makes, if it does.
    std::uint64_t new_cluster = 0;
    std::uint64_t folder = 0;  // the folder's name for itself
    raft::Restored restored;
    kv::Store store;  // with everything applied that is known committed
};

// What the log gets to see in the place of its disk.
using AroundDisk = std::function<std::unique_ptr<storage::Disk>(std::unique_ptr<storage::Disk>)>;

// Takes the node's folder for this process, opens the log in it and replays it. `around` may be
// empty. `cluster_id` is that of a new folder; 0: it belongs to none yet.
Result<OpenedLog> open_log(const ClusterConfig& config, NodeId id, std::uint64_t cluster_id,
                           const AroundDisk& around);

}  // namespace raftkv::server
