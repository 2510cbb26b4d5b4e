#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/membership.hpp"

namespace raftkv::raft {

struct ServerPriority {
    NodeId server;
    std::uint32_t priority = 1;
};

struct Options {
    NodeId id;
    Membership members;        // the first; what the log says comes before it
    std::uint64_t folder = 0;  // this server's data folder; 0: memberships name no folders
    // The cluster that the data folder belongs to; 0: none yet, as far as the folder tells.
    std::uint64_t cluster = 0;
    // The identity of the cluster that this server makes if it comes to lead servers that are all
    // empty: random. 0: clusters have none.
    std::uint64_t new_cluster = 0;
    std::uint32_t election_timeout_min_ms = 150;
    std::uint32_t election_timeout_max_ms = 300;
    std::uint32_t heartbeat_ms = 50;
    // The largest wait before campaigning when the leader's connection closed: short, and random
    // only so that two followers seldom collide.
    std::uint32_t crash_wait_max_ms = 15;
    std::size_t max_append_bytes = 1u << 20;    // payload of one AppendRequest
    std::size_t max_inflight_bytes = 8u << 20;  // sent to one follower and not yet acknowledged
    std::size_t max_inflight_messages = 256;
    std::size_t max_uncommitted_bytes = 64u << 20;  // past it proposals are refused
    // In entries. Leadership is not handed on order to a follower that is further behind.
    std::uint64_t max_transfer_lag = 10'000;
    // Who should rather lead; servers that are not in it have 1. All servers have the same list.
    std::vector<ServerPriority> priorities;
    // From one look for a better leader to the next, at least.
    std::uint32_t priority_wait_ms = 3000;
    // Committed and durable entries stay in memory for followers up to this; older ones are
    // fetched from disk. A leader whose log takes max_uncommitted_bytes more than this, because its
    // disk does not keep up with the others', refuses proposals and hands over.
    std::size_t log_cache_bytes = 16u << 20;
    std::size_t snapshot_chunk_bytes = 256u << 10;  // of a SnapshotChunk
    std::size_t snapshot_window_bytes = 1u << 20;   // of them sent to one follower, not yet stored
    // A leader that a majority heard from answers reads for so long without asking again (6.4.1);
    // 0: it always asks, and this server promises other leaders nothing; a lease rests on those
    // that do, and whose election timeout is not shorter. Needs that in an election timeout no two
    // clocks go apart by as much as it is shorter than that.
    std::uint32_t read_lease_ms = 0;
    std::uint64_t seed = 1;  // of the election timers; must differ between servers
};

}  // namespace raftkv::raft
