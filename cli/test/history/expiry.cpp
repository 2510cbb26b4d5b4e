#include "cli/test/history/expiry.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::test {
namespace {

using std::chrono::nanoseconds;

// By which a key may end too late or too early (docs/protocol.md).
constexpr std::chrono::milliseconds expiry_bound{500};

// Clocks of a simulation may start anywhere, and limits may be as large as they like.
Instant later(Instant instant, nanoseconds by) {
    const bool in_range = instant < Instant::max() - by;
    return in_range ? instant + by : Instant::max();
}

}  // namespace

Limits usual_limits() {
    Limits limits;
    limits.clock_lag = expiry_bound;
    return limits;
}

ExpiryWindow expiry_window(std::uint32_t exptime_s, Instant from, Instant until,
                           const Limits& limits) {
    RAFTKV_CHECK(limits.clock_lag >= nanoseconds(0));
    RAFTKV_CHECK(limits.fastest_clock >= 1);
    if (exptime_s == 0) return {};
    const nanoseconds exptime = std::chrono::seconds(exptime_s);
    const auto shortest = nanoseconds(
        static_cast<std::int64_t>(static_cast<double>(exptime.count()) / limits.fastest_clock));
    ExpiryWindow window;
    window.earliest = later(from, std::max(shortest - limits.clock_lag, nanoseconds(0)));
    window.latest = later(later(until, exptime), limits.clock_lag);
    return window;
}

}  // namespace raftkv::test
