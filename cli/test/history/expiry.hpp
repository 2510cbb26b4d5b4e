#pragma once

#include <chrono>

#include "cli/test/history/history.hpp"

// When a value with an exptime may end, as far as its clients can tell.

namespace raftkv::test {

struct Limits {
    // A key may end so much too late or too early.
    std::chrono::nanoseconds clock_lag{0};
    // How much faster than real time the cluster's clock may run.
    double fastest_clock = 1.0;
};

// Of a cluster whose clocks run at the right rate.
Limits usual_limits();

// The span in which a value runs out. A value without an exptime never does.
struct ExpiryWindow {
    Instant earliest = Instant::max();  // before this it cannot be gone
    Instant latest = Instant::max();    // from here on it must be gone
};

// Of a value whose write took effect at some time from `from` to `until`; Instant::max() when no
// end to that is known.
ExpiryWindow expiry_window(std::uint32_t exptime_s, Instant from, Instant until,
                           const Limits& limits);

}  // namespace raftkv::test
