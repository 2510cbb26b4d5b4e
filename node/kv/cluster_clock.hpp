#pragma once

#include <cstdint>
#include <optional>

#include "common/time_types.hpp"

namespace raftkv::kv {

// What a node knows of the cluster's clock: how far it is ahead of this machine's boot-time clock.
// Both go at the true rate, so that is a constant: it is told once, and then kept up with the
// leader's. A leader stamps its proposals with its own, which nothing moves while it leads.
class ClusterClock {
  public:
    // A reading of the leader's clock that is lower than what is known here was late on its way,
    // or else the two machines' clocks go apart: which of these shows within `window_us`. So it
    // does whether one that is far higher is true or was made up by somebody.
    explicit ClusterClock(std::int64_t window_us) : window_us_(window_us) {}

    bool is_known() const { return ahead_us_.has_value(); }
    // What was heard first may have waited for seconds, here or on its way, and so may all that
    // came with it: that it is known does not tell how well. It is once it was set, or once the
    // readings of half a window, as they came one by one, agreed with it.
    bool is_sure() const { return sure_; }
    // Of a clock that is known. From 0 to max_stamp, and never goes back but by heard().
    ClusterUs at(BootUs now) const;
    // By which it is ahead of the boot-time clock; nothing while it is unknown.
    std::optional<std::int64_t> ahead_us() const { return ahead_us_; }

    // It is this time now, whatever was known before, and sure.
    void set(ClusterUs time, BootUs now);
    // It is known, and not less than that: what was stamped once has passed.
    void raise(ClusterUs least, BootUs now);
    // The leader's clock showed this when its message left.
    void heard(ClusterUs shown, BootUs now);

  private:
    void take(ClusterUs time, BootUs now);
    void begin_window(BootUs now);
    void follow(std::int64_t ahead_us, BootUs now);
    void look_whether_sure(std::int64_t ahead_us, BootUs now);

    std::int64_t window_us_;
    std::optional<std::int64_t> ahead_us_;
    BootUs window_began_, last_heard_;
    std::uint32_t readings_ = 0;             // in the window that are not as was expected
    std::optional<std::int64_t> lower_us_;   // of these, the lower one that was quickest
    std::optional<std::int64_t> higher_us_;  // and the least that is far higher

    bool sure_ = false;
    // Until it is: since when readings agree with what is known, and what that was at first.
    BootUs agree_since_, last_agreed_;
    std::uint32_t agreed_ = 0;
    std::int64_t agreed_us_ = 0;
};

}  // namespace raftkv::kv
