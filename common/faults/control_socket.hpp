#pragma once

#include <cstddef>

namespace raftkv {

// In a node's folder: where it is told of faults. node/server/faults has the protocol.
constexpr const char* fault_socket_name = "faults.sock";

// With its end: of either side.
constexpr std::size_t longest_fault_line = 1024;

}  // namespace raftkv
