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

// For those who look on, also where nobody leads.
ClusterMs Replica::Impl::likely_time() const {
    const ClusterUs time = clock.is_known() ? clock.at(ports.clock.boot()) : wall_time();
    return std::max(in_ms(time), store.clock());
}

raft::ClockReading Replica::Impl::clock_reading() const {
    if (clock.is_known()) return {true, clock.at(ports.clock.boot()).value()};
    return {false, wall_time().value()};
}

void Replica::Impl::hear_clock(NodeId from, Term term, const raft::ClockReading& reading) {
    if (core.role() == raft::Role::leader && clock.is_known()) return;
    const BootUs now = ports.clock.boot();
    const bool leads = core.leader() == from && core.term() == term;
    if (leads && reading.of_cluster) {
        clock.heard(ClusterUs(reading.us), now);
        readings.forget();
    } else if (!clock.is_known()) {
        readings.heard(from, reading.of_cluster, reading.us, now);
    }
}

// Of a leader that has applied all that was stamped before: false while it has to wait for what
// others know. Their answers to its heartbeats say it.
bool Replica::Impl::know_clock() {
    const BootUs now = ports.clock.boot();
    const ClusterUs least = in_us(store.clock());
    if (!clock.is_known()) {
        std::vector<NodeId> others;
        for (const raft::Member& member : core.members().members)
            if (member.votes() && member.id != options.raft.id) others.push_back(member.id);
        if (!asks_clocks_since) asks_clocks_since = now;
        const auto choice = readings.choose(others, wall_time(), least, now);
        if (now - *asks_clocks_since < choice.patience_us) return false;
        clock.set(choice.time, now);
        readings.forget();
    }
    clock.raise(least, now);
    return true;
}

}  // namespace raftkv::replica
