#pragma once

#include <string>
#include <string_view>

#include "node/server/faults/faults.hpp"

namespace raftkv::server {

// What one line on the control socket is answered with, line ends included: README.md has the
// protocol. Any bytes are answered.
std::string answer_fault_line(std::string_view line, Faults& faults);

}  // namespace raftkv::server
