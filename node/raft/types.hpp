#pragma once

#include <cstdint>
#include <optional>

#include "common/bytes.hpp"
#include "common/strong_types.hpp"

namespace raftkv::raft {

enum class EntryKind : std::uint8_t {
    noop = 1,     // the first entry of a leader's term (thesis 6.4); no payload
    command = 2,  // an encoded command of the state machine
    members = 3,  // who belongs to the cluster from here on (membership.hpp)
};

// One entry of the replicated log.
struct Entry {
    LogIndex index;
    Term term;
    EntryKind kind = EntryKind::noop;
    SharedBytes payload;
};

// What a server must remember over a crash besides its log (figure 2, "persistent state").
struct HardState {
    Term term;
    std::optional<NodeId> vote;  // whom this server voted for in `term`

    bool operator==(const HardState&) const = default;
};

// What the state machine of a server came to after an entry: the same on all servers.
struct StateMark {
    LogIndex index;  // 0: no mark
    std::uint64_t hash = 0;

    bool operator==(const StateMark&) const = default;
};

// Names a snapshot: the state machine after entry `index`, which is of `term` (thesis 5.1).
struct SnapshotId {
    LogIndex index;
    Term term;

    bool operator==(const SnapshotId&) const = default;
};

// A snapshot as a file. Its bytes are the same on every server.
struct SnapshotInfo {
    SnapshotId id;
    std::uint64_t bytes = 0;

    bool operator==(const SnapshotInfo&) const = default;
};

}  // namespace raftkv::raft
