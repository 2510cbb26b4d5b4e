#include "node/server/replica_options.hpp"

#include <vector>

#include "node/raft/membership.hpp"
#include "node/server/last_promise.hpp"

namespace raftkv::server {

replica::Options replica_options(const ClusterConfig& config, NodeId id, const OpenedLog& opened,
                                 bool joins, std::uint64_t seed, replica::ClockOffsets clock) {
    replica::Options options;
    options.clock = clock;
    options.hold_ms = config.hold_ms;
    options.raft.id = id;
    options.raft.folder = opened.folder;
    options.raft.cluster = opened.cluster_id;
    options.raft.new_cluster = opened.new_cluster;
    std::vector<NodeId> servers;
    for (const ServerConfig& server : config.servers) {
        // Of the first members or not: who joins takes part only once the log says so.
        if (!joins || server.id != id) servers.push_back(server.id);
        options.raft.priorities.push_back({server.id, server.priority});
    }
    options.raft.members = raft::first_membership(servers);
    options.raft.election_timeout_min_ms = config.election_timeout_min_ms;
    options.raft.election_timeout_max_ms = config.election_timeout_max_ms;
    options.raft.heartbeat_ms = config.heartbeat_ms;
    // So two clocks may go apart by a fifth meanwhile.
    options.raft.read_lease_ms = promise_ms(config) * 4 / 5;
    options.raft.seed = seed;
    options.snapshot.min_log_bytes = std::uint64_t{config.snapshot_log_mib} << 20;
    options.snapshot.ratio = config.snapshot_ratio;
    return options;
}

}  // namespace raftkv::server
