#pragma once

#include <cstdint>
#include <optional>

#include "common/bytes.hpp"
#include "common/strong_types.hpp"

namespace raftkv::raft {

enum class EntryKind : std::uint8_t {
    noop = 1,     // the first entry of a leader's term (thesis 6.4); no payload
    command = 2,  // an encoded command of the state machine
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

}  // namespace raftkv::raft
