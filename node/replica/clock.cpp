// The cluster's clock: who leads stamps with its own, the others keep up with it.

#include <algorithm>

#include "common/check.hpp"
#include "node/kv/command.hpp"
#include "node/replica/replica_impl.hpp"

namespace raftkv::replica {

ClusterMs Replica::Impl::cluster_now() const {
    RAFTKV_CHECK(serving());
    return in_ms(clock.at(ports.clock.boot()));
}

// What this machine's wall clock makes of it, put right by what is known of that clock.
ClusterUs Replica::Impl::wall_time() const {
    const WallMs latest(kv::max_stamp.value());
    const WallMs wall = std::clamp(ports.clock.wall(), WallMs(0), latest);
    const ClusterUs time(wall.value() * 1000 + options.clock.ahead_of_wall_us);
    return std::clamp(time, ClusterUs(0), in_us(kv::max_stamp));
}

// The cluster's clock, or the best that is known of it here. What was heard of it may have been
// late, so it is that or more: how much, a wall clock tells, unless that is wrong.
ClusterUs Replica::Impl::best_time() const {
    constexpr std::int64_t latest_us = 60'000'000;
    if (!clock.is_known()) return wall_time();
    const ClusterUs heard = clock.at(ports.clock.boot()), wall = wall_time();
    if (clock.is_sure() || wall - heard > latest_us) return heard;
    return std::max(heard, wall);
}

// For those who look on, also where nobody leads.
ClusterMs Replica::Impl::likely_time() const {
    return std::max(in_ms(best_time()), store.clock());
}

raft::ClockReading Replica::Impl::clock_reading() const {
    return {clock.is_sure(), best_time().value()};
}

void Replica::Impl::ask_clock(const raft::Message& message) {
    const auto* heartbeat = std::get_if<raft::Heartbeat>(&message.body);
    if (heartbeat != nullptr && !clock.is_sure())
        readings.asked(heartbeat->round, ports.clock.boot());
}

void Replica::Impl::hear_clock(NodeId from, const raft::Message& message) {
    if (message.term != core.term()) return;
    const raft::ClockReading& reading = message.clock;
    const BootUs now = ports.clock.boot();
    if (core.role() == raft::Role::leader) {
        const auto* answer = std::get_if<raft::HeartbeatResponse>(&message.body);
        if (answer != nullptr && !clock.is_sure())
            readings.answered(from, answer->round, reading.of_cluster, reading.us, now);
    } else if (core.leader() == from && reading.of_cluster) {
        clock.heard(ClusterUs(reading.us), now);
    }
}

// Of a leader that has applied all that was stamped before: false while it has to wait for what
// others know. Their answers to its heartbeats say it. What it knows by itself may be late, until
// it is sure of it.
bool Replica::Impl::know_clock() {
    const BootUs now = ports.clock.boot();
    const ClusterUs least = in_us(store.clock());
    if (!clock.is_sure()) {
        std::vector<NodeId> others;
        for (const raft::Member& member : core.members().members)
            if (member.votes() && member.id != options.raft.id) others.push_back(member.id);
        if (!asks_clocks_since) asks_clocks_since = now;
        const auto choice = readings.choose(others, best_time(), least, now);
        if (now - *asks_clocks_since < choice.patience_us) return false;
        clock.set(choice.time, now);
        readings.forget();
    }
    clock.raise(least, now);
    return true;
}

}  // namespace raftkv::replica
