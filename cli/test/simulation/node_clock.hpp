#pragma once

#include <cstdint>

#include "cli/test/simulation/plan.hpp"
#include "node/replica/ports.hpp"

namespace raftkv::simulation {

// The clocks of one machine: both go at one rate, which may be wrong, and the wall clock may jump.
class NodeClock final : public replica::Clock {
  public:
    // `now` is the simulation's own time, which it follows.
    explicit NodeClock(const Micros* now) : now_(now) {}

    MonotonicMs monotonic() override { return MonotonicMs(local() / 1000 + boot_ms); }
    WallMs wall() override { return WallMs(local() / 1000 + epoch_ms + jumped_ms_); }

    void jump(std::int64_t ms) {
        jumped_ms_ += ms;
        true_ = false;
    }
    void set_rate(std::int64_t ppm) {
        base_ = local();
        since_ = *now_;
        ppm_ = ppm;
        true_ = false;
    }
    // Nothing was ever wrong with it.
    bool is_true() const { return true_; }

  private:
    static constexpr std::int64_t boot_ms = 1'000;
    static constexpr std::int64_t epoch_ms = 1'700'000'000'000;

    Micros local() const {
        const Micros passed = *now_ - since_;
        return base_ + passed + passed * ppm_ / 1'000'000;
    }

    const Micros* now_;
    Micros base_ = 0;
    Micros since_ = 0;
    std::int64_t ppm_ = 0;
    std::int64_t jumped_ms_ = 0;
    bool true_ = true;
};

}  // namespace raftkv::simulation
