#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/strong_types.hpp"

namespace raftkv::cli {

// How nodes say that they read ("read_mode" of /status); empty for one that does not say.
using ReadModes = std::vector<std::pair<NodeId, std::string>>;

// Nothing when all say the same; else what is wrong, in a line for people. Nothing stale is read
// then: a lease rests on those alone that have leases.
std::string read_mode_warning(const ReadModes& modes);

}  // namespace raftkv::cli
