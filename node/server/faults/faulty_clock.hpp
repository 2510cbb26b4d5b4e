#pragma once

#include <cstdint>

#include "node/replica/ports.hpp"

namespace raftkv::server {

// The clocks of the machine, wrong as told. One thread.
class FaultyClock final : public replica::Clock {
  public:
    explicit FaultyClock(replica::Clock& real);

    // The wall clock is so much ahead, or behind.
    void set_jump(std::int64_t ms) { jump_ms_ = ms; }
    // Hundredths of a percent that all clocks are too fast, more than -10,000. What they gained or
    // lost so far remains.
    void set_rate(std::int64_t hundredths);

    MonotonicMs monotonic() override;
    BootUs boot() override;
    WallMs wall() override;

  private:
    template <class Time>
    struct Shown {
        Time changed;  // when the rate was set: by the real clock
        Time shown;    // and by this one

        Time at(Time real, std::int64_t rate) const;
    };

    replica::Clock& real_;
    Shown<MonotonicMs> monotonic_;
    Shown<BootUs> boot_;
    std::int64_t rate_ = 0;
    std::int64_t jump_ms_ = 0;
};

}  // namespace raftkv::server
