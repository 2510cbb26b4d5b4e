#include "node/raft/founding.hpp"

#include "common/check.hpp"
#include "node/raft/election.hpp"

namespace raftkv::raft {
namespace {

// Only a leader whose first entry is committed appends another one in its term. So a second entry
// of one term tells that what comes before it is there for good, although nobody said so yet.
bool is_certain(const State& state) {
    return state.snapshot || state.commit > LogIndex(0) || !state.log.is_one_a_term();
}

}  // namespace

Meeting meet(const Claim& own, const Claim& other) {
    if (own.cluster != 0 && other.cluster != 0)
        return own.cluster == other.cluster ? Meeting::together : Meeting::strangers;
    if (own.cluster != 0)
        return own.cluster == other.founding ? Meeting::together : Meeting::newcomer;
    if (other.cluster != 0)
        return other.cluster == own.founding ? Meeting::together : Meeting::host;
    const bool alike = own.founding == 0 || other.founding == 0 || own.founding == other.founding ||
                       own.founding_term != other.founding_term;
    return alike ? Meeting::together : Meeting::rivals;
}

void settle_cluster(State& state) {
    if (state.cluster != 0 || members(state).cluster == 0 || !is_certain(state)) return;
    state.cluster = members(state).cluster;
    state.draft.cluster = state.cluster;
}

void join_cluster(State& state, Effects& out, std::uint64_t cluster) {
    RAFTKV_CHECK(state.cluster == 0 && cluster != 0 && !is_certain(state));
    become_follower(state, out, state.hard.term, std::nullopt);
    state.incoming.reset();
    const bool has_another = members(state).cluster != cluster;
    if (has_another && state.log.last_index() > LogIndex(0)) truncate_log(state, LogIndex(1));
    state.cluster = cluster;
    state.draft.cluster = cluster;
    if (state.log.last_index() == LogIndex(0)) wait_to_be_told(state);
}

void wait_to_be_told(State& state) {
    RAFTKV_CHECK(state.memberships.size() == 1);
    for (Member& member : state.memberships.front().members.members)
        if (member.id == state.options.id) member.kind = Member::Kind::learner;
    ++state.membership_changes;
}

Claim claim_of(const State& state) {
    // Where the first entry is not in the log any more it was certain, and told the cluster.
    const std::uint64_t founding = members(state).cluster;
    if (state.cluster != 0 || founding == 0) return {state.cluster};
    return {0, founding, state.log.term_at(LogIndex(1))};
}

}  // namespace raftkv::raft
