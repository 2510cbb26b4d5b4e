#include "node/raft/contradiction.hpp"

#include "node/raft/message.hpp"
#include "node/raft/state.hpp"

namespace raftkv::raft {
namespace {

// Of what the log has forgotten nothing is known but the term of the last entry of it.
bool is_another_committed_entry(const State& state, LogIndex index, Term term) {
    return index <= state.commit && index + 1 >= state.log.first_index() &&
           state.log.term_at(index) != term;
}

bool note_other_entry(State& state, NodeId leader, LogIndex index, Term term) {
    if (!is_another_committed_entry(state, index, term)) return false;
    // The first one that was noticed stays: a request that is sent again would tell of others.
    if (contradiction_with_leader(state)) return true;
    state.contradiction = Contradiction{.kind = Contradiction::Kind::other_entry,
                                        .leader = leader,
                                        .term = state.hard.term,
                                        .index = index,
                                        .ours = state.log.term_at(index),
                                        .theirs = term,
                                        .last = state.log.last_index()};
    return true;
}

}  // namespace

bool contradicts_committed(State& state, NodeId leader, const AppendRequest& request) {
    if (note_other_entry(state, leader, request.prev_index, request.prev_term)) return true;
    for (const Entry& entry : request.entries) {
        if (entry.index > state.commit) break;
        if (note_other_entry(state, leader, entry.index, entry.term)) return true;
    }
    return false;
}

bool contradicts_committed(State& state, NodeId leader, const SnapshotId& snapshot) {
    return note_other_entry(state, leader, snapshot.index, snapshot.term);
}

void look_for_lost_tail(State& state, NodeId leader, LogIndex acknowledged) {
    auto& known = state.contradiction;
    if (acknowledged <= state.log.last_index()) {
        if (known && known->kind == Contradiction::Kind::lost_tail) known.reset();
    } else if (!contradiction_with_leader(state)) {
        known = Contradiction{.kind = Contradiction::Kind::lost_tail,
                              .leader = leader,
                              .term = state.hard.term,
                              .index = acknowledged,
                              .ours = {},
                              .theirs = {},
                              .last = state.log.last_index()};
    }
}

void agrees_up_to(State& state, LogIndex index) {
    if (state.contradiction && index >= state.contradiction->index) state.contradiction.reset();
}

std::optional<Contradiction> contradiction_with_leader(const State& state) {
    const auto& known = state.contradiction;
    const bool leads = known && known->term == state.hard.term && state.leader == known->leader;
    return leads ? known : std::nullopt;
}

}  // namespace raftkv::raft
