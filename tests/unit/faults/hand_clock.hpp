#pragma once

#include "node/replica/ports.hpp"

namespace raftkv::server {

// Moved by hand.
struct HandClock final : replica::Clock {
    MonotonicMs monotonic() override { return now; }
    BootUs boot() override { return BootUs(now.value() * 1000); }
    WallMs wall() override { return wall_at_start + now.value(); }

    MonotonicMs now{5000};
    WallMs wall_at_start{1'700'000'000'000};
};

}  // namespace raftkv::server
