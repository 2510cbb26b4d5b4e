#include "node/raft/invariants.hpp"

#include "common/check.hpp"

namespace raftkv::raft {
namespace {

void check_log(const State& state) {
    RAFTKV_CHECK(state.commit <= state.log.last_index());
    RAFTKV_CHECK(state.durable_index <= state.log.last_index());
    RAFTKV_CHECK(state.log.last_term() <= state.hard.term);
    RAFTKV_CHECK(state.log.first_cached() <= state.commit + 1);
    RAFTKV_CHECK(state.log.first_index() <= state.commit + 1);
    RAFTKV_CHECK(!state.snapshot || state.snapshot->id.index <= state.commit);
    // What the log does not have, the snapshot has.
    const LogIndex in_snapshot = state.snapshot ? state.snapshot->id.index : LogIndex(0);
    RAFTKV_CHECK(state.log.first_index() <= in_snapshot + 1);
    if (state.incoming) {
        RAFTKV_CHECK(state.incoming->snapshot.id.index > state.commit);
        RAFTKV_CHECK(state.incoming->stored <= state.incoming->taken);
    }
    RAFTKV_CHECK(state.durable_sequence <= state.last_sequence);
    RAFTKV_CHECK(!state.pending_writes.empty() || state.durable_sequence == state.last_sequence);
}

void check_leader(const State& state) {
    RAFTKV_CHECK(state.leader == state.options.id);
    RAFTKV_CHECK(state.hard.vote == state.options.id);
    RAFTKV_CHECK(state.followers.size() + 1 == state.options.voters.size());
    RAFTKV_CHECK(state.log.last_term() == state.hard.term);
    for (const Progress& follower : state.followers) {
        RAFTKV_CHECK(follower.match_index < follower.next_index);
        RAFTKV_CHECK(follower.next_index <= state.log.last_index() + 1);
    }
}

}  // namespace

void check_invariants(const State& state) {
    check_log(state);
    if (state.role == Role::leader) {
        check_leader(state);
        return;
    }
    RAFTKV_CHECK(state.leader != state.options.id);
    RAFTKV_CHECK(state.followers.empty());
    RAFTKV_CHECK(state.reads.waiting.empty());
    RAFTKV_CHECK(state.reads.asked.empty());
    RAFTKV_CHECK(!state.transfer);
    if (state.role == Role::candidate) RAFTKV_CHECK(state.hard.vote == state.options.id);
}

}  // namespace raftkv::raft
