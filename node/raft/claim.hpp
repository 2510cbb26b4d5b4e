#pragma once

#include <cstdint>

#include "common/strong_types.hpp"

// What servers tell each other of the cluster that they belong to, before anything else.

namespace raftkv::raft {

struct Claim {
    std::uint64_t cluster = 0;  // it belongs to this one for good; 0: to none yet
    // With no cluster yet: the identity in the first entry of its log, and that entry's term. It
    // may come to nothing, as any entry that is not committed.
    std::uint64_t founding = 0;
    Term founding_term = {};

    bool operator==(const Claim&) const = default;
};

enum class Meeting : std::uint8_t {
    together,  // of one cluster, or both of none: they may make one
    newcomer,  // the other one has none yet, and ours may take it in
    host,      // we have none yet, and the other one's may take us in
    strangers,
    // Both have none yet, and first entries that nothing but their identity tells apart. It takes
    // a disk that forgot a vote.
    rivals,
};

Meeting meet(const Claim& own, const Claim& other);

}  // namespace raftkv::raft
