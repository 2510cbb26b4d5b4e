#pragma once

#include <cstdint>

#include "common/config.hpp"
#include "common/strong_types.hpp"
#include "node/replica/replica.hpp"
#include "node/server/open_log.hpp"

namespace raftkv::server {

// What a configuration means for the replica of a node. `opened` says which folder and cluster it
// has, and `seed` is chance. `clock` is what was kept of the cluster's clock. Who `joins` was told
// to, and takes part only once the log says so.
replica::Options replica_options(const ClusterConfig& config, NodeId id, const OpenedLog& opened,
                                 bool joins, std::uint64_t seed, replica::ClockOffsets clock = {});

}  // namespace raftkv::server
