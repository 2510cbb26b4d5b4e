#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/contradiction.hpp"
#include "node/raft/role.hpp"
#include "node/raft/types.hpp"
#include "node/replica/state_marks.hpp"

namespace raftkv::replica {

// How a leader sees one follower.
struct PeerStatus {
    NodeId id;
    bool connected = false;
    LogIndex match;         // known durable there
    std::uint64_t lag = 0;  // entries between `match` and the end of the leader's log
};

struct Counters {
    std::uint64_t set = 0, get = 0, getm = 0, cas = 0, del = 0;
    std::uint64_t redirected = 0, refused = 0;
    std::uint64_t elections_started = 0, elections_won = 0;
    std::uint64_t read_rounds = 0;
};

// What this replica is among the others; cheap to ask for.
struct Standing {
    raft::Role role = raft::Role::follower;
    Term term;
    std::optional<NodeId> leader;
    std::optional<NodeId> hands_over_to;  // leaders: a transfer is under way
    bool log_has_room = true;
    std::optional<Divergence> divergence = {};  // from some other server
    bool distrusted = false;                    // its state is the odd one out
    bool removed = false;                       // its data folder belongs to no member any more
    std::optional<raft::Contradiction> contradiction = {};  // of its log and the leader
    // The file of the snapshot that counts can't be read; another one is being taken.
    std::optional<LogIndex> unreadable_snapshot = {};

    bool operator==(const Standing&) const = default;
};

// How far this replica is; cheap to ask for.
struct Indexes {
    LogIndex commit, applied, last_index, durable_index;
};

struct SnapshotStatus {
    LogIndex index;                    // of the newest that counts; 0 when there is none
    std::uint64_t bytes = 0;           // of its file
    std::uint64_t log_bytes = 0;       // of the log since then, about
    std::optional<LogIndex> taking;    // one is being taken
    std::optional<LogIndex> incoming;  // one is being received
    std::size_t kept_bytes = 0;        // in memory for the one that is being taken alone
    std::uint64_t sent = 0, installed = 0;
};

struct Status : Standing, Indexes {
    NodeId id;
    std::vector<PeerStatus> peers;  // filled on the leader
    std::size_t keys = 0;
    std::size_t store_bytes = 0;
    raft::StateMark state;            // the newest hash of it that was at hand
    std::uint32_t read_lease_ms = 0;  // 0: reads are confirmed, each time
    std::size_t log_cache_bytes = 0;
    LogIndex first_index;  // of the log
    SnapshotStatus snapshot;
    std::size_t pending_writes = 0, pending_reads = 0, held = 0, pending_bytes = 0;
    Counters counters;
};

}  // namespace raftkv::replica
