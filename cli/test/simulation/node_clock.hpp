#pragma once

#include <cstdint>
#include <optional>

#include "cli/test/simulation/plan.hpp"
#include "node/replica/replica.hpp"

namespace raftkv::simulation {

// What wall clocks show that are right, when a run begins.
constexpr std::int64_t epoch_ms = 1'700'000'000'000;

// The clocks of one machine: all go at one rate, which may be wrong, the wall clock may jump, and
// the boot-time clock begins anew when the machine does.
class NodeClock final : public replica::Clock {
  public:
    // `now` is the simulation's own time, which it follows.
    explicit NodeClock(const Micros* now) : now_(now) {}

    MonotonicMs monotonic() override { return MonotonicMs(local() / 1000 + boot_ms); }
    BootUs boot() override { return BootUs(local() - booted_ + boot_ms * 1000); }
    WallMs wall() override { return WallMs(local() / 1000 + epoch_ms + jumped_ms_); }

    void jump(std::int64_t ms) { jumped_ms_ += ms; }
    void set_rate(std::int64_t ppm) {
        base_ = local();
        since_ = *now_;
        ppm_ = ppm;
    }
    void reboot() {
        booted_ = local();
        kept_.ahead_of_boot_us.reset();
    }

    // What a process keeps of the cluster's clock for the next one on this machine.
    void keep(const replica::ClockOffsets& offsets) { kept_ = offsets; }
    const replica::ClockOffsets& kept() const { return kept_; }

  private:
    static constexpr std::int64_t boot_ms = 1'000;

    Micros local() const {
        const Micros passed = *now_ - since_;
        return base_ + passed + passed * ppm_ / 1'000'000;
    }

    const Micros* now_;
    Micros base_ = 0;
    Micros since_ = 0;
    Micros booted_ = 0;
    std::int64_t ppm_ = 0;
    std::int64_t jumped_ms_ = 0;
    replica::ClockOffsets kept_;
};

}  // namespace raftkv::simulation
