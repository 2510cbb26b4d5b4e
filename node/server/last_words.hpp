#pragma once

#include <string>

#include "common/error.hpp"

namespace raftkv::server {

// Of a thread that writes to the disk: after this error nobody knows what is there. Says so, and
// ends the process at once with the exit code that belongs to it (74, or 65 for damage).
[[noreturn]] void end_process(const std::string& what_failed, const Error& error);

}  // namespace raftkv::server
