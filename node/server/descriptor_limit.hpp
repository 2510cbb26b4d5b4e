#pragma once

#include <cstddef>

namespace raftkv::server {

// Raises this process' limit of open descriptors as far as it may, and says where it is now.
std::size_t raise_descriptor_limit();

}  // namespace raftkv::server
