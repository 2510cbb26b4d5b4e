#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/test/simulation/counters.hpp"
#include "cli/test/simulation/dice.hpp"
#include "cli/test/simulation/plan.hpp"

// The links between nodes, one for each direction. It decides what becomes of a message; who
// delivers it is the simulation.

namespace raftkv::simulation {

// One arrival of a message.
struct Arrival {
    Micros at = 0;
    bool damaged = false;
};

enum class Loss : std::uint8_t { none, dropped, cut };

struct Passage {
    std::vector<Arrival> arrivals;  // none when it is lost
    Loss loss = Loss::none;
};

class Network {
  public:
    Network(const Plan& plan, Counters& counters);

    // `bytes` may be changed: that is what arrives.
    Passage pass(std::uint32_t from, std::uint32_t to, Micros now, std::string& bytes);

    // Cuts count: a link is open when all of them were mended.
    void cut(std::uint32_t from, std::uint32_t to);
    void mend(std::uint32_t from, std::uint32_t to);
    bool is_cut(std::uint32_t from, std::uint32_t to) const { return link(from, to).cuts > 0; }
    // Nothing arrives before this time.
    void clog(std::uint32_t from, std::uint32_t to, Micros until) {
        link(from, to).clogged_until = until;
    }
    void storm(Storm kind, std::uint64_t ppm) { storms_[static_cast<std::size_t>(kind)] = ppm; }
    void heal();

  private:
    struct Link {
        explicit Link(const Plan& plan, std::uint64_t number)
            : dice(plan.seed, Stream::link, number) {}
        Dice dice;
        int cuts = 0;
        Micros clogged_until = 0;
        Micros last_arrival = 0;
    };

    Link& link(std::uint32_t from, std::uint32_t to) { return links_[from * nodes_ + to]; }
    const Link& link(std::uint32_t from, std::uint32_t to) const {
        return links_[from * nodes_ + to];
    }
    std::uint64_t chance_of(Storm kind) const { return storms_[static_cast<std::size_t>(kind)]; }
    Micros travel_time(Dice& dice) const;
    bool damage(Dice& dice, std::string& bytes);

    std::uint32_t nodes_;
    Pace pace_;
    Counters& counters_;
    std::vector<Link> links_;
    std::uint64_t storms_[5] = {};
};

}  // namespace raftkv::simulation
