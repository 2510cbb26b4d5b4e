#pragma once

#include <cstddef>

namespace raftkv::bench {

// Thousands of connections are more than a process may have open as a rule; it may allow itself
// to. Says how many it may have then.
std::size_t raise_descriptor_limit();

}  // namespace raftkv::bench
