#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/faults/fault_spec.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

// Asks a node's admin port. Blocking, usable from any thread, never throws.

namespace raftkv::cli {

enum class NodeRole { leader, follower, candidate, pre_candidate };

// As /status spells it: "pre-candidate".
std::string_view name_of(NodeRole role);

struct PeerStatus {
    NodeId id;
    bool connected = false;
    LogIndex match;         // known to be on the peer's disk; only a leader knows
    std::uint64_t lag = 0;  // entries that the peer is behind
};

struct PendingStatus {
    std::uint64_t writes = 0;
    std::uint64_t reads = 0;
    std::uint64_t held = 0;  // commands that wait for a leader to be known
    std::uint64_t bytes = 0;
};

struct CounterStatus {
    std::uint64_t set = 0;
    std::uint64_t get = 0;
    std::uint64_t getm = 0;
    std::uint64_t cas = 0;
    std::uint64_t remove = 0;  // "delete" in the JSON
    std::uint64_t redirected = 0;
    std::uint64_t refused = 0;
    std::uint64_t elections_started = 0;
    std::uint64_t elections_won = 0;
    std::uint64_t read_rounds = 0;
    std::uint64_t fsyncs = 0;
};

struct LatencyStatus {
    std::uint64_t count = 0;
    double mean = 0;
    double p50 = 0;
    double p99 = 0;
    double max = 0;
};

struct SnapshotStatus {
    LogIndex index;  // the last entry in the newest one; 0 when there is none
    std::uint64_t bytes = 0;
    std::uint64_t log_bytes_since = 0;
    std::optional<LogIndex> taking, incoming;
    std::uint64_t kept_bytes = 0;  // in memory, for the one that is being taken
    std::uint64_t sent = 0;
    std::uint64_t installed = 0;
};

// What GET /status says. Fields that an older or newer node leaves out keep their defaults; id,
// role and term must be there.
struct NodeStatus {
    NodeId id;
    NodeRole role = NodeRole::follower;
    Term term;
    std::optional<NodeId> leader;
    LogIndex commit;
    LogIndex applied;
    LogIndex first_index;
    LogIndex last_index;
    LogIndex durable_index;
    std::vector<PeerStatus> peers;
    std::uint64_t log_bytes = 0;
    std::uint64_t log_cache_bytes = 0;
    bool log_has_room = true;
    SnapshotStatus snapshot;
    std::uint64_t keys = 0;
    std::uint64_t store_bytes = 0;
    std::string state_hash;             // 16 hex digits
    std::string read_mode;              // as "ReadMode" in config.json
    bool distrusted = false;            // its state is the odd one out: it does not answer
    std::vector<std::string> problems;  // what an operator should mend, in words
    std::uint64_t cluster = 0;          // that it belongs to; 0: to none yet
    std::string waits;                  // not empty: it belongs to none, and why
    ClusterMs state_clock;
    std::uint64_t uptime_ms = 0;
    int pid = 0;
    std::uint64_t memory_bytes = 0;
    std::uint64_t cpu_us = 0;  // used by the process since its start
    std::uint64_t client_connections = 0;
    PendingStatus pending;
    CounterStatus counters;
    LatencyStatus fsync_us;
    std::vector<FaultSpec> faults;  // in force on order; `lasts_ms` is how much longer
};

struct HttpReply {
    int code = 0;
    std::string body;
};

// GET http://host:port<target>. Any HTTP answer is a success here, whatever its code; an Error of
// kind unavailable says that none came in time. `timeout` covers everything: a slow name server,
// connecting, sending and reading. A body over `body_limit` bytes is an Error.
Result<HttpReply> http_get(const std::string& host, std::uint16_t port, const std::string& target,
                           std::chrono::milliseconds timeout,
                           std::size_t body_limit = std::size_t{512} << 20);

// POST, likewise, without a body.
Result<HttpReply> http_post(const std::string& host, std::uint16_t port, const std::string& target,
                            std::chrono::milliseconds timeout);

// GET /status, parsed. A reply that is no such status is an Error of kind failed.
Result<NodeStatus> fetch_status(const std::string& host, std::uint16_t port,
                                std::chrono::milliseconds timeout);

// The body of /status, parsed: untrusted bytes.
Result<NodeStatus> parse_status(std::string_view text);

}  // namespace raftkv::cli
