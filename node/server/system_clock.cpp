#include "node/server/system_clock.hpp"

#include <chrono>

namespace raftkv::server {
namespace {

template <class Clock>
std::int64_t milliseconds_of() {
    auto since = Clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

}  // namespace

MonotonicMs SystemClock::monotonic() {
    return MonotonicMs(milliseconds_of<std::chrono::steady_clock>());
}

WallMs SystemClock::wall() {
    return WallMs(milliseconds_of<std::chrono::system_clock>());
}

}  // namespace raftkv::server
