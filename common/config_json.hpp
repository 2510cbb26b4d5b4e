#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "common/result.hpp"

// Text of a configuration file to JSON, with no surprises: bounded in size and depth, and an object
// that says a thing twice is refused instead of being half ignored.

namespace raftkv {

constexpr std::size_t max_config_bytes = 1u << 20;

// Errors are of kind usage and name line and column where they can.
Result<nlohmann::json> parse_config_json(std::string_view text);

// A value for an error message: short, printable.
std::string shown(const nlohmann::json& value);

}  // namespace raftkv
