#pragma once

#include "common/strong_types.hpp"

namespace raftkv::kv {

// The clock that a leader stamps its proposals with: it starts where the state machine's clock
// stands, goes on with the leader's own monotonic clock and is slewed towards wall time, at most
// at double speed (half speed when it is ahead). It never goes back and never jumps.
class ClusterClock {
  public:
    // A state machine that has never seen a stamp (clock 0) starts at wall time.
    ClusterClock(ClusterMs state_clock, MonotonicMs now, WallMs wall);

    // Never less than the answer before. `now` never goes back; `wall` may do anything.
    ClusterMs read(MonotonicMs now, WallMs wall);

  private:
    ClusterMs time_;
    MonotonicMs last_;
};

}  // namespace raftkv::kv
