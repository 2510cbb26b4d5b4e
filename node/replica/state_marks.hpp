#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/types.hpp"

namespace raftkv::replica {

// The state machine here came to something else than that of another server.
struct Divergence {
    LogIndex index;  // the first entry after which that is known
    NodeId peer;     // with whom it was compared
    std::uint64_t ours = 0, theirs = 0;

    bool operator==(const Divergence&) const = default;
};

// Holds what the state machine came to against what the others' did. Whichever is there first
// waits for the other; both are few, and the oldest go: the next mark tells as much.
class StateMarks {
  public:
    // Ours, of ascending entries.
    void reached(const raft::StateMark& mark);
    void heard(NodeId peer, const raft::StateMark& mark);
    // Our state was made anew.
    void clear() { *this = StateMarks(); }
    // That of a peer may have been.
    void forget(NodeId peer);

    // The first difference that was seen.
    const std::optional<Divergence>& divergence() const { return divergence_; }

    // What a leader makes of it: it alone hears of all.
    struct Verdict {
        bool we_are_odd = false;     // a majority of all servers came to something else
        std::vector<NodeId> differ;  // while a majority, with us, agrees: these are
    };
    Verdict verdict(std::size_t servers) const;

  private:
    struct Heard {
        NodeId peer;
        raft::StateMark mark;
    };
    void compare(const raft::StateMark& ours, const Heard& heard);

    std::deque<raft::StateMark> reached_;
    std::deque<Heard> heard_;       // of entries that are not reached yet
    std::map<NodeId, bool> agree_;  // as of the newest mark that could be compared
    std::optional<Divergence> divergence_;
};

}  // namespace raftkv::replica
