#include "cli/test/simulation/network.hpp"

#include <algorithm>

namespace raftkv::simulation {

Network::Network(const Plan& plan, Counters& counters)
    : nodes_(plan.nodes), pace_(plan.pace), counters_(counters) {
    for (std::uint64_t number = 0; number < std::uint64_t{nodes_} * nodes_; ++number) {
        links_.emplace_back(plan, number);
    }
}

Micros Network::travel_time(Dice& dice) const {
    const Micros time = pace_.message + dice.between(0, pace_.message_jitter);
    return dice.ppm(10'000) ? time * 10 : time;
}

bool Network::damage(Dice& dice, std::string& bytes) {
    bool damaged = false;
    if (dice.ppm(chance_of(Storm::corrupt))) {
        bytes[dice.below(bytes.size())] ^= static_cast<char>(1U << dice.below(8));
        counters_.saw(Seen::message_corrupted);
        damaged = true;
    }
    if (dice.ppm(chance_of(Storm::truncate))) {
        bytes.resize(dice.below(bytes.size()));
        counters_.saw(Seen::message_truncated);
        damaged = true;
    }
    return damaged;
}

Passage Network::pass(std::uint32_t from, std::uint32_t to, Micros now, std::string& bytes) {
    Link& way = link(from, to);
    Passage passage;
    // Always the same number of throws, so that a fault more or less leaves the later ones alone.
    const bool dropped = way.dice.ppm(chance_of(Storm::drop));
    const bool doubled = way.dice.ppm(chance_of(Storm::duplicate));
    const bool overtakes = way.dice.ppm(chance_of(Storm::reorder));
    const Micros time = travel_time(way.dice);
    const Micros second_time = travel_time(way.dice);
    if (way.cuts > 0) {
        passage.loss = Loss::cut;
        return passage;
    }
    if (dropped) {
        counters_.saw(Seen::message_dropped);
        passage.loss = Loss::dropped;
        return passage;
    }
    Arrival arrival{std::max(now + time, way.clogged_until), damage(way.dice, bytes)};
    if (overtakes) {
        arrival.at += time * 3;  // those behind it pass by
        counters_.saw(Seen::message_reordered);
    } else {
        arrival.at = std::max(arrival.at, way.last_arrival);
        way.last_arrival = arrival.at;
    }
    passage.arrivals.push_back(arrival);
    if (doubled) {
        passage.arrivals.push_back({arrival.at + second_time, arrival.damaged});
        counters_.saw(Seen::message_duplicated);
    }
    return passage;
}

void Network::cut(std::uint32_t from, std::uint32_t to) {
    if (from != to) ++link(from, to).cuts;
}

void Network::mend(std::uint32_t from, std::uint32_t to) {
    Link& way = link(from, to);
    if (from != to && way.cuts > 0) --way.cuts;
}

void Network::heal() {
    for (Link& way : links_) {
        way.cuts = 0;
        way.clogged_until = 0;
    }
    std::fill(std::begin(storms_), std::end(storms_), 0);
}

}  // namespace raftkv::simulation
