#include "node/kv/cluster_clock.hpp"

#include <algorithm>

#include "common/check.hpp"
#include "node/kv/command.hpp"

namespace raftkv::kv {

ClusterClock::ClusterClock(ClusterMs state_clock, MonotonicMs now, WallMs wall)
    : time_(state_clock), last_(now) {
    if (time_ == ClusterMs(0)) {
        time_ = std::clamp(ClusterMs(wall.value()), ClusterMs(0), max_stamp);
    }
}

ClusterMs ClusterClock::read(MonotonicMs now, WallMs wall) {
    RAFTKV_CHECK(now >= last_);
    const std::int64_t elapsed = now - last_;
    const ClusterMs slowest = time_ + elapsed / 2;
    const ClusterMs fastest = time_ + elapsed * 2;
    const ClusterMs target(wall.value());
    last_ = now;
    if (target <= slowest) {
        // At half speed an odd millisecond is left for the next reading, or else a clock that is
        // read every millisecond would stand still.
        last_ = now - elapsed % 2;
        time_ = slowest;
    } else {
        time_ = std::min(target, fastest);
    }
    time_ = std::min(time_, max_stamp);
    return time_;
}

}  // namespace raftkv::kv
