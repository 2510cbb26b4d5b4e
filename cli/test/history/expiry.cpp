#include "cli/test/history/expiry.hpp"

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::test {
namespace {

using std::chrono::nanoseconds;

// What threads may cost a leader's clock on a busy machine, beside the time without progress.
constexpr std::chrono::milliseconds scheduling_slack{500};

// Clocks of a simulation may start anywhere, and limits may be as large as they like.
Instant later(Instant instant, nanoseconds by) {
    const bool in_range = instant < Instant::max() - by;
    return in_range ? instant + by : Instant::max();
}

}  // namespace

Limits limits_of(const History& history) {
    Limits limits;
    limits.clock_lag = time_without_progress(history) + scheduling_slack;
    return limits;
}

ExpiryWindow expiry_window(std::uint32_t exptime_s, Instant from, Instant until,
                           const Limits& limits) {
    RAFTKV_CHECK(limits.clock_lag >= nanoseconds(0));
    RAFTKV_CHECK(limits.fastest_clock >= 1);
    if (exptime_s == 0) return {};
    const nanoseconds exptime = std::chrono::seconds(exptime_s);
    // A deadline comes early only while the clock catches up: by no more than it was behind, and
    // no more than its speed lets it.
    const auto shortest = nanoseconds(
        static_cast<std::int64_t>(static_cast<double>(exptime.count()) / limits.fastest_clock));
    ExpiryWindow window;
    window.earliest = later(from, exptime - std::min(limits.clock_lag, exptime - shortest));
    window.latest = later(later(until, exptime), limits.clock_lag);
    return window;
}

}  // namespace raftkv::test
