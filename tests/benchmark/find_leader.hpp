#pragma once

#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::benchmark {

// The server that answers as leader now; waits 10 s for one to be elected.
Result<ServerConfig> find_leader(const ClusterConfig& config);

}  // namespace raftkv::benchmark
