#pragma once

#include <cstdint>

#include "common/config.hpp"
#include "common/strong_types.hpp"
#include "node/replica/replica.hpp"

namespace raftkv::server {

// What a configuration means for the replica of a node. `folder` is the id of its data folder, and
// `seed` is chance. `clock` is what was kept of the cluster's clock. Who `joins` was told to, and
// takes part only once the log says so.
replica::Options replica_options(const ClusterConfig& config, NodeId id, std::uint64_t folder,
                                 bool joins, std::uint64_t seed, replica::ClockOffsets clock = {});

}  // namespace raftkv::server
