#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::cli {

constexpr std::uint32_t most_nodes = 50;  // then the default client ports meet the log ports

// The text of a config.json for so many nodes on this machine, on the default ports.
std::string config_for(std::uint32_t nodes);

// Reads `file`. With `nodes` (0: not given) makes it first when it is missing; one that is there is
// never overwritten, and must have that many nodes.
Result<ClusterConfig> load_or_make_config(const std::filesystem::path& file, std::uint32_t nodes);

}  // namespace raftkv::cli
