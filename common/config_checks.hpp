#pragma once

#include "common/config.hpp"

namespace raftkv {

constexpr std::size_t max_servers = 64;

// What must hold between the values of a configuration, each of which is good by itself. All ports
// are filled in.
Result<void> check_config(const ClusterConfig& config);

}  // namespace raftkv
