#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "common/time_types.hpp"

namespace raftkv::kv {

// What the clocks of the servers show, for a leader that is not sure of the cluster's clock because
// it was started anew. Who knows it tells it; else it is wall time, of which no single clock may
// decide.
//
// A reading may be seconds old when it is looked at: links hold it back, and so does a process that
// does not run. So only answers count, and they are as old at most as it took them to come.
class ClockReadings {
  public:
    struct Choice {
        ClusterUs time;
        // How long to wait for more before this is good enough.
        std::int64_t patience_us = 0;
    };

    // All are asked this; the numbers rise.
    void asked(std::uint64_t round, BootUs now);
    // A server answers that the cluster's clock shows `us`, or, when it is not sure of that, what
    // its wall clock makes of it.
    void answered(NodeId from, std::uint64_t round, bool of_cluster, std::int64_t us, BootUs now);
    void forget() { readings_.clear(); }

    // The cluster's clock, by what the other voters answered and `own_wall`. It is not before
    // `least`, the last stamp in the log: a wall clock that is behind that is wrong.
    Choice choose(const std::vector<NodeId>& others, ClusterUs own_wall, ClusterUs least,
                  BootUs now) const;

  private:
    struct Question {
        std::uint64_t round = 0;
        BootUs left_at;
    };
    struct Reading {
        bool of_cluster = false;
        std::int64_t ahead_us = 0;  // of this machine's boot-time clock
        std::int64_t took_us = 0;   // from the question to the answer
        BootUs heard_at;
    };
    // What the clocks show now, ascending.
    struct Shown {
        std::vector<std::int64_t> cluster, wall;
        std::size_t servers() const { return cluster.size() + wall.size(); }
    };

    // By answers that took no longer, and the leader's own clock.
    Shown shown(const std::vector<NodeId>& others, ClusterUs own_wall, std::int64_t longest_us,
                BootUs now) const;

    std::deque<Question> questions_;
    std::map<NodeId, Reading> readings_;
};

}  // namespace raftkv::kv
