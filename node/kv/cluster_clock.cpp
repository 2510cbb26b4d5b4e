#include "node/kv/cluster_clock.hpp"

#include <algorithm>

#include "common/check.hpp"
#include "node/kv/command.hpp"

namespace raftkv::kv {
namespace {

// So many in a window, or it proves nothing.
constexpr std::uint32_t enough_readings = 4;
// The most by which a higher reading is believed at once by who is sure.
constexpr std::int64_t plausible_us = 1'000'000;
// Readings agree that differ by no more: the bound for a key is half a second.
constexpr std::int64_t close_us = 200'000;

ClusterUs within_bounds(ClusterUs time) {
    return std::clamp(time, ClusterUs(0), in_us(max_stamp));
}

}  // namespace

ClusterUs ClusterClock::at(BootUs now) const {
    RAFTKV_CHECK(is_known());
    return within_bounds(ClusterUs(now.value() + *ahead_us_));
}

void ClusterClock::set(ClusterUs time, BootUs now) {
    take(time, now);
    sure_ = true;
}

void ClusterClock::take(ClusterUs time, BootUs now) {
    ahead_us_ = within_bounds(time).value() - now.value();
    begin_window(now);
}

void ClusterClock::raise(ClusterUs least, BootUs now) {
    if (at(now) < least) take(least, now);
}

void ClusterClock::heard(ClusterUs shown, BootUs now) {
    const std::int64_t ahead_us = within_bounds(shown).value() - now.value();
    follow(ahead_us, now);
    if (!sure_) look_whether_sure(ahead_us, now);
}

void ClusterClock::follow(std::int64_t ahead_us, BootUs now) {
    const std::int64_t known_us = ahead_us_.value_or(ahead_us);
    const bool is_far = sure_ && ahead_us > known_us + plausible_us;
    if (ahead_us >= known_us && !is_far) return take(ClusterUs(now.value() + ahead_us), now);
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

// Whatever has waited comes all at once, after a time in which nothing came.
void ClusterClock::look_whether_sure(std::int64_t ahead_us, BootUs now) {
    const auto are_close = [](std::int64_t a, std::int64_t b) {
        return std::max(a, b) - std::min(a, b) <= close_us;
    };
    const bool has_moved = !are_close(*ahead_us_, agreed_us_);
    if (agreed_ == 0 || has_moved || now - last_agreed_ > window_us_ / 4) {
        agreed_ = 0;
        agreed_us_ = *ahead_us_;
        agree_since_ = now;
    }
    if (!are_close(ahead_us, *ahead_us_)) return;
    last_agreed_ = now;
    ++agreed_;
    sure_ = agreed_ >= enough_readings && now - agree_since_ >= window_us_ / 2;
}

void ClusterClock::begin_window(BootUs now) {
    window_began_ = last_heard_ = now;
    readings_ = 0;
    lower_us_.reset();
    higher_us_.reset();
}

}  // namespace raftkv::kv
