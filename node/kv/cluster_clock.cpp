#include "node/kv/cluster_clock.hpp"

#include <algorithm>

#include "common/check.hpp"
#include "node/kv/command.hpp"

namespace raftkv::kv {
namespace {

// So many in a window, or it proves nothing.
constexpr std::uint32_t enough_readings = 4;
// The most by which a higher reading is believed at once.
constexpr std::int64_t plausible_us = 1'000'000;

ClusterUs within_bounds(ClusterUs time) {
    return std::clamp(time, ClusterUs(0), in_us(max_stamp));
}

}  // namespace

ClusterUs ClusterClock::at(BootUs now) const {
    RAFTKV_CHECK(is_known());
    return within_bounds(ClusterUs(now.value() + *ahead_us_));
}

void ClusterClock::set(ClusterUs time, BootUs now) {
    ahead_us_ = within_bounds(time).value() - now.value();
    begin_window(now);
}

void ClusterClock::raise(ClusterUs least, BootUs now) {
    if (at(now) < least) set(least, now);
}

void ClusterClock::heard(ClusterUs shown, BootUs now) {
    const std::int64_t ahead_us = within_bounds(shown).value() - now.value();
    const std::int64_t known_us = ahead_us_.value_or(ahead_us);
    const bool is_far = ahead_us > known_us + plausible_us;
    if (ahead_us >= known_us && !is_far) return set(shown, now);
    // Who did not run for a while finds readings that have waited just as long.
    if (now - last_heard_ > window_us_) begin_window(now);
    last_heard_ = now;
    ++readings_;
    if (is_far)
        higher_us_ = std::min(ahead_us, higher_us_.value_or(ahead_us));
    else
        lower_us_ = std::max(ahead_us, lower_us_.value_or(ahead_us));
    if (now - window_began_ < window_us_ || readings_ < enough_readings) return;
    ahead_us_ = lower_us_ ? lower_us_ : higher_us_;
    begin_window(now);
}

void ClusterClock::begin_window(BootUs now) {
    window_began_ = last_heard_ = now;
    readings_ = 0;
    lower_us_.reset();
    higher_us_.reset();
}

}  // namespace raftkv::kv
