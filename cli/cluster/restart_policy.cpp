#include "cli/cluster/restart_policy.hpp"

#include <algorithm>

namespace raftkv::cli {

namespace {

std::int64_t backoff_ms(const RestartOptions& options, int deaths_in_a_row, double chance) {
    constexpr int most_doublings = 30;  // far above any sensible limit, far below an overflow
    int doublings = std::min(deaths_in_a_row - 1, most_doublings);
    std::int64_t full = std::min(options.shortest_ms << doublings, options.longest_ms);
    auto jittered = static_cast<std::int64_t>(static_cast<double>(full) * (0.5 + chance));
    return std::clamp(jittered, options.shortest_ms, options.longest_ms);
}

}  // namespace

void RestartPolicy::started(MonotonicMs now) {
    started_ = now;
}

RestartDecision RestartPolicy::died(MonotonicMs now, double chance) {
    // Only a long run is health. A node that starts well and dies seconds later, again and again,
    // must still be seen as a crash loop.
    if (now - started_ >= options_.healthy_after_ms) forgive();
    deaths_.push_back(now);
    ++deaths_in_a_row_;
    while (now - deaths_.front() >= options_.window_ms) deaths_.pop_front();
    if (deaths_.size() > options_.deaths_allowed) return {true, {}};
    return {false, now + backoff_ms(options_, deaths_in_a_row_, chance)};
}

void RestartPolicy::forgive() {
    deaths_.clear();
    deaths_in_a_row_ = 0;
}

}  // namespace raftkv::cli
