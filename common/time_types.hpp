#pragma once

#include <cstdint>

#include "common/strong_types.hpp"

namespace raftkv {

// Points in time, in microseconds.
// The boot-time clock of a machine: it goes on while the machine sleeps, and nobody can set it.
using BootUs = Strong<struct BootUsTag, std::int64_t>;
// The cluster's clock, finer than the stamps that it gives (ClusterMs).
using ClusterUs = Strong<struct ClusterUsTag, std::int64_t>;

constexpr ClusterMs in_ms(ClusterUs time) {
    return ClusterMs(time.value() / 1000);
}
constexpr ClusterUs in_us(ClusterMs time) {
    return ClusterUs(time.value() * 1000);
}

}  // namespace raftkv
