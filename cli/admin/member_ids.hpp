#pragma once

#include <string>
#include <vector>

#include "common/config.hpp"

namespace raftkv::cli {

// "0, 1, 2": for messages about a node that is none of these.
std::string ids_of(const std::vector<ServerConfig>& servers);

}  // namespace raftkv::cli
