#pragma once

#include <string>

#include "cli/test/trace/trace.hpp"

namespace raftkv::trace {

// One JSON object in valid UTF-8; README.md describes it. Every list is in order of time, and
// equal traces give equal bytes.
std::string to_json(const Trace& trace);

}  // namespace raftkv::trace
