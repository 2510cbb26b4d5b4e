#pragma once

#include <cstdint>
#include <deque>

#include "common/strong_types.hpp"

// When a node that died is started again, and when it is given up. Pure: time and chance are
// passed in.

namespace raftkv::cli {

struct RestartOptions {
    std::int64_t shortest_ms = 100;    // the wait after a first death
    std::int64_t longest_ms = 10'000;  // doubled at each further one, up to this
    std::size_t deaths_allowed = 4;    // within the window; one more is a crash loop
    std::int64_t window_ms = 60'000;
    std::int64_t healthy_after_ms = 60'000;  // running this long forgives all deaths before
};

struct RestartDecision {
    bool give_up = false;
    MonotonicMs restart_at;  // unless given up
};

class RestartPolicy {
  public:
    explicit RestartPolicy(RestartOptions options = {}) : options_(options) {}

    void started(MonotonicMs now);
    // Nobody had asked for it. `chance` is uniform in [0, 1): nodes that died together must not
    // come back in step.
    RestartDecision died(MonotonicMs now, double chance);
    // A person asked for a start: all deaths are forgotten.
    void forgive();

  private:
    RestartOptions options_;
    MonotonicMs started_;
    std::deque<MonotonicMs> deaths_;  // within the window
    int deaths_in_a_row_ = 0;         // since the last healthy run
};

}  // namespace raftkv::cli
