#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "common/strong_types.hpp"

// Numbers in what a node answers: nlohmann converts silently between them, so -1 would become a
// huge count, and 1e300 anything. These throw std::invalid_argument.

namespace raftkv::cli {

// No more than `most`.
std::uint64_t count_in(const nlohmann::json& value, std::uint64_t most = UINT64_MAX);
NodeId node_id_in(const nlohmann::json& value);

}  // namespace raftkv::cli
