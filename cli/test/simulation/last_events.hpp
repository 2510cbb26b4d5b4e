#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/test/trace/trace.hpp"

namespace raftkv::simulation {

// What happened last in a run, a line each, in the order of time.
std::vector<std::string> last_events(const trace::Trace& trace, std::size_t count);

}  // namespace raftkv::simulation
