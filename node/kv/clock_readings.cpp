#include "node/kv/clock_readings.hpp"

#include <algorithm>

#include "node/kv/command.hpp"

namespace raftkv::kv {
namespace {

// The most by which clocks that are right differ.
constexpr std::int64_t tolerance_us = 1'000'000;
// Of the same server, a later reading counts from here on, also if it shows less.
constexpr std::int64_t old_us = 5'000'000;

// For somebody who may know the cluster's clock, while all that was heard agrees.
constexpr std::int64_t short_patience_us = 300'000;
// For one clock more, where those that were heard do not agree. Less than clients are held for.
constexpr std::int64_t long_patience_us = 3'000'000;

// But for one, where there are three or more. `sorted` is not empty.
bool agree(const std::vector<std::int64_t>& sorted) {
    const std::size_t last = sorted.size() - 1;
    const auto close = [&](std::size_t a, std::size_t b) {
        return sorted[b] - sorted[a] <= tolerance_us;
    };
    if (last < 2) return close(0, last);
    return close(0, last - 1) || close(1, last);
}

}  // namespace

void ClockReadings::heard(NodeId from, bool of_cluster, std::int64_t us, BootUs now) {
    us = std::clamp(us, std::int64_t{0}, in_us(max_stamp).value());
    const Reading heard{of_cluster, us - now.value(), now};
    const auto [known, first] = readings_.try_emplace(from, heard);
    if (first) return;
    Reading& reading = known->second;
    // A message is never early: of two that show less, the one that shows more was quicker.
    const bool same_clock = reading.of_cluster == of_cluster && now - reading.heard_at < old_us;
    if (!same_clock || heard.ahead_us >= reading.ahead_us) reading = heard;
}

ClockReadings::Choice ClockReadings::choose(const std::vector<NodeId>& others, ClusterUs own_wall,
                                            ClusterUs least, BootUs now) const {
    std::vector<std::int64_t> known, wall{own_wall.value()};
    for (NodeId other : others) {
        const auto found = readings_.find(other);
        if (found == readings_.end()) continue;
        const Reading& reading = found->second;
        (reading.of_cluster ? known : wall).push_back(now.value() + reading.ahead_us);
    }
    if (!known.empty()) {
        std::sort(known.begin(), known.end());
        return {ClusterUs(known[known.size() / 2]), 0};
    }
    std::sort(wall.begin(), wall.end());
    Choice choice{least, agree(wall) ? short_patience_us : long_patience_us};
    if (wall.size() > others.size()) choice.patience_us = 0;  // all were heard
    std::erase_if(wall, [&](std::int64_t us) { return us < least.value() - tolerance_us; });
    // Of two that do not agree the lower one: no key ends early.
    if (!wall.empty()) choice.time = std::max(least, ClusterUs(wall[(wall.size() - 1) / 2]));
    return choice;
}

}  // namespace raftkv::kv
