#include "node/raft/election.hpp"

#include <algorithm>

#include "common/check.hpp"
#include "node/raft/priority.hpp"
#include "node/raft/read_index.hpp"
#include "node/raft/replication.hpp"

namespace raftkv::raft {
namespace {

bool is_up_to_date(const State& state, LogIndex last_index, Term last_term) {  // 5.4.1
    if (last_term != state.log.last_term()) return last_term > state.log.last_term();
    return last_index >= state.log.last_index();
}

// It was never told who the members are, so none of them counts its vote; and one that lost its
// data, and thinks of the cluster as new, must not get a majority from servers like this.
bool waits_to_join(const State& state) {
    return state.memberships.back().index == LogIndex(0) && !has_vote(state);
}

// Whether this server has reason to believe in a working leader. It then refuses to help replace
// it, so that a server that was cut off cannot disturb the others (6.2.3, 4.2.3).
bool hears_from_leader(const State& state) {
    if (state.role == Role::leader) return true;
    // With leases that is a promise: it holds although the connection may have ended since.
    const bool counts = state.leader.has_value() || state.options.read_lease_ms > 0;
    return counts && state.now - state.last_leader_contact <
                         std::int64_t(state.options.election_timeout_min_ms);
}

// How long an election that has begun takes at most where the network is quick: time that others
// leave it.
std::uint32_t yield_ms(const State& state) {
    return 2 * state.options.crash_wait_max_ms;
}

// After an election that others refused: they are alive, so a short wait does; random, so that
// two candidates part.
void retry_election_soon(State& state) {
    const std::uint32_t minimum = state.options.election_timeout_min_ms;
    state.election_deadline = state.now + random_between(state, minimum / 8, minimum / 2);
}

VoteRequest vote_request(const State& state, bool pre) {
    return {pre, state.leader_transfer_election, state.log.last_index(), state.log.last_term()};
}

void ask_for_pre_vote(const State& state, Effects& out, NodeId voter) {
    out.send_now.push_back({voter, {state.hard.term + 1, vote_request(state, true)}});
}

void ask_for_votes(State& state, Effects& out, bool pre) {
    for (const Member& member : members(state).members) {
        if (!member.votes() || member.id == state.options.id) continue;
        if (pre)
            ask_for_pre_vote(state, out, member.id);
        else
            send_durably(state, out, member.id, vote_request(state, false));
    }
}

void become_leader(State& state, Effects& out) {
    RAFTKV_CHECK(state.role == Role::candidate);
    state.role = Role::leader;
    state.leader = state.options.id;
    state.lost_elections = 0;
    ++state.tally.elections_won;
    start_leading(state, out);
}

// Who of these has a vote. The membership may have become another since they answered.
std::size_t voters_of(const State& state, const std::vector<NodeId>& servers) {
    return static_cast<std::size_t>(
        std::count_if(servers.begin(), servers.end(),
                      [&](NodeId server) { return members(state).has_voter(server); }));
}

void count_ballot(State& state, Effects& out) {
    if (!has_vote(state)) {
        become_follower(state, out, state.hard.term, std::nullopt);
    } else if (is_majority(state, voters_of(state, state.ballot.granted))) {
        if (state.role == Role::pre_candidate)
            start_election(state, out, false);
        else
            become_leader(state, out);
    } else if (is_majority(state, voters_of(state, state.ballot.refused))) {
        become_follower(state, out, state.hard.term, std::nullopt);
        retry_election_soon(state);
    }
}

void record(std::vector<NodeId>& voters, NodeId voter) {
    if (std::find(voters.begin(), voters.end(), voter) == voters.end()) voters.push_back(voter);
}

// Of two servers that ask at the same time, one must yield, or both would campaign in the same term
// and split the votes: the better log goes first, then the higher priority, then the lower id. Only
// for a moment, because the one that goes first may be unable to win.
bool goes_first(const State& state, NodeId other, const VoteRequest& request) {
    if (state.role != Role::pre_candidate) return false;
    if (state.now - state.pre_vote_start > std::int64_t(yield_ms(state))) return false;
    const bool equal =
        request.last_term == state.log.last_term() && request.last_index == state.log.last_index();
    return equal && is_preferred(state, state.options.id, other);
}

// It refused, maybe because it still heard from the leader; it does so no longer, since it asks for
// votes itself. If neither asked again, both would wait for an election timeout.
void ask_again(State& state, Effects& out, NodeId voter) {
    if (state.role == Role::pre_candidate && std::erase(state.ballot.refused, voter) > 0)
        ask_for_pre_vote(state, out, voter);
}

void on_pre_vote_request(State& state, Effects& out, NodeId from, Term term,
                         const VoteRequest& request) {
    const bool granted = term > state.hard.term &&
                         is_up_to_date(state, request.last_index, request.last_term) &&
                         !goes_first(state, from, request);
    if (!granted) {
        send_once_term_is_durable(state, out, from, VoteResponse{true, false});
        ask_again(state, out, from);
        return;
    }
    // The sender gets time to finish its election before we start one of our own.
    const std::uint32_t yield = yield_ms(state);
    if (state.role == Role::pre_candidate) {
        become_follower(state, out, state.hard.term, std::nullopt);
        state.election_deadline = state.now + random_between(state, yield, 2 * yield);
    } else {
        state.election_deadline = std::max(state.election_deadline, state.now + yield);
    }
    // A granted pre-vote names the term that was asked about, not ours.
    out.send_now.push_back({from, {term, VoteResponse{true, true}}});
}

// Whoever may come to make a cluster does it in a term that nobody else chooses: a disk that is
// lost in the midst of it forgets a vote, and of two first entries of one term nobody could tell
// which is which.
std::uint64_t terms_passed_over(State& state) {
    constexpr std::uint32_t most = 1u << 16;
    const bool founds = state.cluster == 0 && state.options.new_cluster != 0 &&
                        state.log.last_index() == LogIndex(0);
    return founds ? random_between(state, 0, most) : 0;
}

}  // namespace

void reset_election_timer(State& state) {
    const std::uint32_t low = state.options.election_timeout_min_ms;
    const std::uint32_t high = state.options.election_timeout_max_ms;
    const std::uint32_t first = is_outranked(state) ? low + (high - low) / 2 : low;
    const std::uint32_t times = state.role == Role::candidate ? 1u << state.lost_elections : 1;
    state.election_deadline = state.now + random_between(state, times * first, times * high);
}

void on_election_timeout(State& state, Effects& out) {
    constexpr std::uint32_t most_doublings = 3;
    // Its own disk is slow, and nothing that it has to say in this term can be said before: so the
    // timer starts anew once that is done. Otherwise disks that are slower than elections would
    // have one server after the other make the votes void that are being written.
    if (state.hard_state_sequence > state.durable_sequence) return;
    if (!can_lead(state)) {
        reset_election_timer(state);
        return;
    }
    // The others may need longer than that to write their votes down.
    if (state.role == Role::candidate)
        state.lost_elections = std::min(state.lost_elections + 1, most_doublings);
    start_pre_vote(state, out);
}

void become_follower(State& state, Effects& out, Term term, std::optional<NodeId> leader) {
    RAFTKV_CHECK(term >= state.hard.term);
    if (term > state.hard.term) set_hard_state(state, {term, std::nullopt});
    if (state.role == Role::leader) stop_leading(state, out);
    const bool campaigned_or_led = state.role != Role::follower;
    state.role = Role::follower;
    if (campaigned_or_led) reset_election_timer(state);
    state.leader = leader;
    state.ballot = Ballot();
}

void start_pre_vote(State& state, Effects& out) {
    state.role = Role::pre_candidate;
    state.pre_vote_start = state.now;
    state.leader = std::nullopt;
    state.leader_transfer_election = false;
    state.ballot = Ballot();
    reset_election_timer(state);
    ask_for_votes(state, out, true);
    // Nothing is promised by a pre-vote, so our own needs no disk.
    record(state.ballot.granted, state.options.id);
    count_ballot(state, out);
}

void start_election(State& state, Effects& out, bool leader_transfer) {
    RAFTKV_CHECK(state.role != Role::leader);
    state.role = Role::candidate;
    state.leader = std::nullopt;
    state.leader_transfer_election = leader_transfer;
    state.ballot = Ballot();
    ++state.tally.elections_started;
    set_hard_state(state, {state.hard.term + 1 + terms_passed_over(state), state.options.id});
    state.self_vote_sequence = state.last_sequence + 1;  // the write that this step ends with
    reset_election_timer(state);
    ask_for_votes(state, out, false);
}

void on_own_vote_durable(State& state, Effects& out) {
    if (state.role != Role::candidate) return;
    record(state.ballot.granted, state.options.id);
    count_ballot(state, out);
}

void on_vote_request(State& state, Effects& out, NodeId from, Term term,
                     const VoteRequest& request) {
    if (term < state.hard.term || waits_to_join(state) || !takes_part(state) ||
        (!request.leader_transfer && hears_from_leader(state))) {
        // Says our term, so that a sender that lags behind catches up with it.
        send_once_term_is_durable(state, out, from, VoteResponse{request.pre, false});
        return;
    }
    if (request.pre) {
        on_pre_vote_request(state, out, from, term, request);
        return;
    }
    if (term > state.hard.term) become_follower(state, out, term, std::nullopt);
    const bool free_to_vote = !state.hard.vote || state.hard.vote == from;
    const bool granted = state.role == Role::follower && free_to_vote &&
                         is_up_to_date(state, request.last_index, request.last_term);
    if (granted) {
        set_hard_state(state, {state.hard.term, from});
        reset_election_timer(state);
    }
    send_durably(state, out, from, VoteResponse{false, granted});
}

void on_vote_response(State& state, Effects& out, NodeId from, Term term,
                      const VoteResponse& response) {
    if (response.pre && response.granted) {
        if (state.role != Role::pre_candidate || term != state.hard.term + 1) return;
        record(state.ballot.granted, from);
    } else {
        if (term > state.hard.term) {
            become_follower(state, out, term, std::nullopt);
            return;
        }
        const Role asking = response.pre ? Role::pre_candidate : Role::candidate;
        if (state.role != asking) return;
        // A refused pre-vote carries the refuser's term, which may be behind ours.
        if (!response.pre && term != state.hard.term) return;
        record(response.granted ? state.ballot.granted : state.ballot.refused, from);
    }
    count_ballot(state, out);
}

void on_timeout_now(State& state, Effects& out) {
    if (state.role == Role::leader || !can_lead(state)) return;
    start_election(state, out, true);
}

void on_leader_lost(State& state) {
    state.leader = std::nullopt;
    if (state.options.read_lease_ms > 0) return;  // the lease of the leader may go on
    const std::uint32_t most = state.options.crash_wait_max_ms;
    const std::uint32_t wait =
        random_between(state, 0, most) + (is_outranked(state) ? yield_ms(state) : 0);
    state.election_deadline = std::min(state.election_deadline, state.now + wait);
}

}  // namespace raftkv::raft
