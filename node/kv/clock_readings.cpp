#include "node/kv/clock_readings.hpp"

#include <algorithm>
#include <limits>

#include "node/kv/command.hpp"

namespace raftkv::kv {
namespace {

// The most by which clocks that are right differ.
constexpr std::int64_t tolerance_us = 1'000'000;
// Of the same server, a later answer counts from here on, also if it took longer.
constexpr std::int64_t old_us = 5'000'000;

// An answer that took no longer is right well within the half second that a key may be off.
constexpr std::int64_t quick_us = 300'000;
// One that took longer counts for nothing.
constexpr std::int64_t slowest_us = 2'000'000;

// For somebody who may know the cluster's clock, while all that was heard agrees.
constexpr std::int64_t short_patience_us = 300'000;
// For one clock more, where those that were heard do not agree, and for quick answers. Less than
// clients are held for.
constexpr std::int64_t long_patience_us = 3'000'000;
constexpr std::int64_t for_ever_us = std::numeric_limits<std::int64_t>::max();

// But for one, where there are three or more. `sorted` is not empty.
bool agree(const std::vector<std::int64_t>& sorted) {
    const std::size_t last = sorted.size() - 1;
    const auto close = [&](std::size_t a, std::size_t b) {
        return sorted[b] - sorted[a] <= tolerance_us;
    };
    if (last < 2) return close(0, last);
    return close(0, last - 1) || close(1, last);
}

ClusterUs middle_of(const std::vector<std::int64_t>& sorted) {
    return ClusterUs(sorted[sorted.size() / 2]);
}

// Of so many servers these wall clocks were heard, ascending.
ClockReadings::Choice choose_of_walls(std::vector<std::int64_t> wall, std::size_t servers,
                                      ClusterUs least) {
    ClockReadings::Choice choice{least, agree(wall) ? short_patience_us : long_patience_us};
    if (wall.size() == servers) choice.patience_us = 0;
    std::erase_if(wall, [&](std::int64_t us) { return us < least.value() - tolerance_us; });
    // Of two that do not agree the lower one: no key ends early.
    if (!wall.empty()) choice.time = std::max(least, ClusterUs(wall[(wall.size() - 1) / 2]));
    return choice;
}

}  // namespace

void ClockReadings::asked(std::uint64_t round, BootUs now) {
    if (questions_.empty() || questions_.back().round < round) questions_.push_back({round, now});
    while (now - questions_.front().left_at > slowest_us) questions_.pop_front();
}

void ClockReadings::answered(NodeId from, std::uint64_t round, bool of_cluster, std::int64_t us,
                             BootUs now) {
    const auto question = std::find_if(questions_.begin(), questions_.end(),
                                       [&](const Question& asked) { return asked.round == round; });
    if (question == questions_.end() || now - question->left_at > slowest_us) return;
    us = std::clamp(us, std::int64_t{0}, in_us(max_stamp).value());
    const Reading heard{of_cluster, us - now.value(), now - question->left_at, now};
    const auto [known, first] = readings_.try_emplace(from, heard);
    if (first) return;
    Reading& reading = known->second;
    const bool same_clock = reading.of_cluster == of_cluster && now - reading.heard_at < old_us;
    if (!same_clock || heard.took_us <= reading.took_us) reading = heard;
}

ClockReadings::Shown ClockReadings::shown(const std::vector<NodeId>& others, ClusterUs own_wall,
                                          std::int64_t longest_us, BootUs now) const {
    Shown shown;
    shown.wall.push_back(own_wall.value());
    for (NodeId other : others) {
        const auto found = readings_.find(other);
        if (found == readings_.end() || found->second.took_us > longest_us) continue;
        const Reading& reading = found->second;
        (reading.of_cluster ? shown.cluster : shown.wall).push_back(now.value() + reading.ahead_us);
    }
    std::sort(shown.cluster.begin(), shown.cluster.end());
    std::sort(shown.wall.begin(), shown.wall.end());
    return shown;
}

ClockReadings::Choice ClockReadings::choose(const std::vector<NodeId>& others, ClusterUs own_wall,
                                            ClusterUs least, BootUs now) const {
    const std::size_t servers = others.size() + 1;
    const Shown quick = shown(others, own_wall, quick_us, now);
    if (!quick.cluster.empty()) return {middle_of(quick.cluster), 0};
    if (quick.servers() > servers / 2) return choose_of_walls(quick.wall, servers, least);
    const Shown slow = shown(others, own_wall, slowest_us, now);
    if (slow.servers() <= servers / 2) return {least, for_ever_us};
    Choice choice = choose_of_walls(slow.wall, servers, least);
    if (!slow.cluster.empty()) choice.time = middle_of(slow.cluster);
    choice.patience_us = long_patience_us;
    return choice;
}

}  // namespace raftkv::kv
