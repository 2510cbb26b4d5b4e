#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "common/time_types.hpp"

namespace raftkv::kv {

// What the clocks of the servers show, for a leader that does not know the cluster's clock because
// it was started anew. Who knows it tells it; else it is wall time, of which no single clock may
// decide.
class ClockReadings {
  public:
    struct Choice {
        ClusterUs time;
        // How long to wait for more before this is good enough.
        std::int64_t patience_us = 0;
    };

    // A server said that the cluster's clock shows `us`, or, when it does not know, its wall clock.
    void heard(NodeId from, bool of_cluster, std::int64_t us, BootUs now);
    void forget() { readings_.clear(); }

    // The cluster's clock, by what the other voters showed and `own_wall`. It is not before
    // `least`, the last stamp in the log: a wall clock that is behind that is wrong.
    Choice choose(const std::vector<NodeId>& others, ClusterUs own_wall, ClusterUs least,
                  BootUs now) const;

  private:
    struct Reading {
        bool of_cluster = false;
        std::int64_t ahead_us = 0;  // of this machine's boot-time clock
        BootUs heard_at;
    };

    std::map<NodeId, Reading> readings_;
};

}  // namespace raftkv::kv
