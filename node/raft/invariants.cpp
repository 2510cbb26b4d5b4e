#include "node/raft/invariants.hpp"

#include <algorithm>

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

// The last membership that is known is that of the log, and the one before it is there for as long
// as the last one may still be undone.
void check_members(const State& state) {
    const auto& known = state.memberships;
    RAFTKV_CHECK(!known.empty() && known.front().index <= state.commit);
    RAFTKV_CHECK(known.back().index <= state.log.last_index());
    for (std::size_t i = 1; i < known.size(); ++i)
        RAFTKV_CHECK(known[i - 1].index < known[i].index);
}

void check_leader(const State& state) {
    RAFTKV_CHECK(state.leader == state.options.id);
    RAFTKV_CHECK(state.hard.vote == state.options.id);
    RAFTKV_CHECK(has_vote(state));
    const auto voting = std::count_if(state.followers.begin(), state.followers.end(),
                                      [](const Progress& follower) { return follower.votes; });
    RAFTKV_CHECK(static_cast<std::size_t>(voting) + 1 == members(state).voters());
    RAFTKV_CHECK(state.log.last_term() == state.hard.term);
    for (const Progress& follower : state.followers) {
        RAFTKV_CHECK(follower.match_index < follower.next_index);
        RAFTKV_CHECK(follower.next_index <= state.log.last_index() + 1);
        RAFTKV_CHECK(!state.transfer || state.transfer->target != follower.id || follower.votes);
    }
}

}  // namespace

void check_invariants(const State& state) {
    check_log(state);
    check_members(state);
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
