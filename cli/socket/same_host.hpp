#pragma once

#include <string>

#include "cli/socket/socket.hpp"

namespace raftkv::cli {

// Whether two names have an address in common: "localhost" and "127.0.0.1", say. False when one
// cannot be looked up in time.
bool is_same_host(const std::string& left, const std::string& right, Deadline deadline);

}  // namespace raftkv::cli
