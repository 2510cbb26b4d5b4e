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
    // Hundredths of a percent that both clocks are too fast, more than -10,000. What they gained or
    // lost so far remains.
    void set_rate(std::int64_t hundredths);

    MonotonicMs monotonic() override;
    WallMs wall() override;

  private:
    MonotonicMs at(MonotonicMs real) const;

    replica::Clock& real_;
    MonotonicMs changed_;  // when the rate was set: by the real clock
    MonotonicMs shown_;    // and by this one
    std::int64_t rate_ = 0;
    std::int64_t jump_ms_ = 0;
};

}  // namespace raftkv::server
