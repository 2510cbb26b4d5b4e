#pragma once

#include "node/replica/ports.hpp"

namespace raftkv::server {

// The clocks of this machine.
class SystemClock final : public replica::Clock {
  public:
    MonotonicMs monotonic() override;
    BootUs boot() override;
    WallMs wall() override;
};

}  // namespace raftkv::server
