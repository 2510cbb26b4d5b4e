#pragma once

#include <cstdint>
#include <string_view>

namespace raftkv {

// XXH3, 64 bit. The seed separates domains: equal bytes under another seed give another sum.
std::uint64_t checksum(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace raftkv
