#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "common/strong_types.hpp"

// Numbers in what a node answers: nlohmann converts silently between them, so -1 would become a
// huge count, and 1e300 anything. These throw std::invalid_argument.

namespace raftkv::cli {

// No more than `most`.
std::uint64_t count_in(const nlohmann::json& value, std::uint64_t most = UINT64_MAX);
NodeId node_id_in(const nlohmann::json& value);
// A string of hexadecimal digits, as numbers of 64 bits are written.
std::uint64_t hex_in(const nlohmann::json& value);

// A string, fit to be shown on a terminal whatever the node sent.
std::string text_in(const nlohmann::json& value);
// Of a member of an object that may not be there.
std::string text_in(const nlohmann::json& object, const char* name, const char* otherwise = "");
// The same of a value that is wrong, for the message that says so.
std::string shown(const nlohmann::json& value);

}  // namespace raftkv::cli
