#pragma once

#include <cstdint>
#include <limits>

namespace raftkv::bench {

// When the operations of a load are meant to begin, in nanoseconds of the steady clock. With a
// rate each has its time, whether those before it were answered or not: a server that stalls is
// charged with all who would have come meanwhile. Without one an operation begins when it is sent.
class Pace {
  public:
    Pace() = default;
    // `per_second` 0: no rate.
    Pace(std::int64_t start_ns, double per_second) : start_ns_(start_ns), per_second_(per_second) {}

    bool is_open_loop() const { return per_second_ > 0; }
    // Of the next one, which begins when the time is past this.
    std::int64_t next_ns() const {
        if (!is_open_loop()) return std::numeric_limits<std::int64_t>::min();
        // From the number, not by adding up: nothing drifts.
        return start_ns_ +
               static_cast<std::int64_t>(static_cast<double>(taken_) / per_second_ * 1e9);
    }
    bool is_due(std::int64_t now_ns) const { return next_ns() <= now_ns; }
    // The next one is sent at `now_ns`: when it began, for its latency.
    std::int64_t take(std::int64_t now_ns) {
        const std::int64_t began_ns = is_open_loop() ? next_ns() : now_ns;
        ++taken_;
        return began_ns;
    }
    std::uint64_t taken() const { return taken_; }
    // How many would have begun before `until_ns`, but were not taken.
    std::uint64_t missed(std::int64_t until_ns) const {
        if (!is_open_loop() || next_ns() >= until_ns) return 0;
        return 1 + static_cast<std::uint64_t>(static_cast<double>(until_ns - 1 - next_ns()) *
                                              per_second_ / 1e9);
    }

  private:
    std::int64_t start_ns_ = 0;
    double per_second_ = 0;
    std::uint64_t taken_ = 0;
};

}  // namespace raftkv::bench
