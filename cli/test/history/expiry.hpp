#pragma once

#include <chrono>

#include "cli/test/history/history.hpp"

// When a value with an exptime may end, as far as its clients can tell.

namespace raftkv::test {

struct Limits {
    // The cluster's clock may be this far behind real time; see time_without_progress().
    std::chrono::nanoseconds clock_lag{0};
    // How much faster than real time the cluster's clock may run while it catches up.
    double fastest_clock = 2.0;
};

// For the history of real processes, which knows no more of the cluster's clock than what its
// clients saw.
Limits limits_of(const History& history);

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
