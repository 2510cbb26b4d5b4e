#include "node/server/system_clock.hpp"

#include <time.h>

#include <chrono>

#include "common/check.hpp"

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

BootUs SystemClock::boot() {
    timespec now{};
    RAFTKV_CHECK(::clock_gettime(CLOCK_BOOTTIME, &now) == 0);
    return BootUs(std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000);
}

WallMs SystemClock::wall() {
    return WallMs(milliseconds_of<std::chrono::system_clock>());
}

}  // namespace raftkv::server
