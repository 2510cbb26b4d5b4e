#pragma once

#include <chrono>

#include "common/strong_types.hpp"

namespace raftkv::cli {

inline MonotonicMs monotonic_now() {
    auto since = std::chrono::steady_clock::now().time_since_epoch();
    return MonotonicMs(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace raftkv::cli
