#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/config.hpp"
#include "common/faults/fault_spec.hpp"
#include "common/strong_types.hpp"
#include "node/kv/store.hpp"
#include "node/raft/membership.hpp"
#include "node/replica/status.hpp"
#include "node/server/log_thread.hpp"

namespace raftkv::server {

struct MemberReport {
    raft::Member member;
    std::optional<ServerConfig> where;
    bool connected = false;  // the node that reports heard it within two heartbeats; itself always
    std::optional<std::string> refused = {};  // why it is not let in, since it last was
};

// Who belongs to the cluster, as this node knows it.
struct MembersReport {
    std::uint64_t cluster_id = 0;
    LogIndex index;
    bool committed = false;
    std::vector<MemberReport> members;
};

// Snapshots that could not be taken.
struct SnapshotFailures {
    std::uint64_t count = 0;
    std::string last;  // why
};

// Everything that a node tells about itself.
struct NodeReport {
    replica::Status replica;
    MembersReport members;
    // Not empty: it belongs to no cluster, why, and what brings it back.
    std::string waits;
    // Servers of the configuration that belong to another cluster, and to which.
    std::vector<std::pair<NodeId, std::uint64_t>> foreigners;
    LogThread::Stats log;
    SnapshotFailures snapshot_failures;
    ClusterMs state_clock;    // the last stamp that it has applied
    ClusterMs cluster_clock;  // now
    std::size_t client_connections = 0;
    std::size_t max_client_connections = 0;
    std::uint64_t clients_turned_away = 0;  // because there were that many
    std::size_t client_buffer_bytes = 0;
    std::int64_t uptime_ms = 0;
    std::int64_t pid = 0;
    std::uint64_t memory_bytes = 0;  // resident
    std::uint64_t cpu_us = 0;        // of all threads, since the start
    std::vector<FaultSpec> faults;   // in force, on order
};

// Where the admin port gets its answers from.
class ReportSource {
  public:
    virtual NodeReport report() const = 0;
    virtual const kv::Store& store() const = 0;
    // The cluster's clock now: what a key has left counts from here.
    virtual ClusterMs cluster_time() const = 0;
    // Names by which this node may be asked, in lower case: those of config.json and of the
    // members.
    virtual std::vector<std::string> host_names() const = 0;

  protected:
    ~ReportSource() = default;
};

// What the kernel says about this process.
std::uint64_t resident_bytes();
std::uint64_t used_cpu_us();

}  // namespace raftkv::server
