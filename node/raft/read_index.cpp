#include "node/raft/read_index.hpp"

#include <algorithm>
#include <array>

#include "common/check.hpp"
#include "node/raft/quorum.hpp"
#include "node/raft/replication.hpp"

namespace raftkv::raft {
namespace {

// Before those are asked, too, that a round did without.
constexpr std::int64_t patience_ms = 10;

// The newest round that a majority has reached. We answer every question of our own at once.
std::uint64_t majority_round(const State& state, std::uint64_t Progress::*reached_by) {
    std::array<std::uint64_t, 64> reached;
    std::size_t servers = 0;
    reached[servers++] = state.reads.last_round;
    for (const Progress& follower : state.followers)
        if (follower.votes) reached[servers++] = follower.*reached_by;
    return majority_reached({reached.data(), servers});
}

std::uint64_t confirmed_round(const State& state) {
    return majority_round(state, &Progress::acked_round);
}

// Whoever promised it helps nobody else to be elected for an election timeout after a round left.
// Servers may be configured differently, so it is not taken for granted.
void extend_lease(State& state) {
    Reads& reads = state.reads;
    if (state.options.read_lease_ms == 0) return;
    const std::uint64_t promised = majority_round(state, &Progress::promised_round);
    while (!reads.sent.empty() && reads.sent.front().round <= promised) {
        reads.lease_until = reads.sent.front().at + state.options.read_lease_ms;
        reads.sent.pop_front();
    }
}

bool has_lease(const State& state) {
    return state.reads.may_have_lease && state.now < state.reads.lease_until;
}

// To ask one more costs it, and us, as much as a read of its own. A server that hangs, or is slow,
// is not asked again once the others have answered a heartbeat.
void ask_majority(State& state, Effects& out) {
    std::array<const Progress*, 64> connected;
    std::size_t servers = 0, voters = 1;
    for (const Progress& follower : state.followers) {
        voters += follower.votes;
        if (follower.votes && follower.connected) connected[servers++] = &follower;
    }
    const std::size_t needed = majority(voters) - 1;
    if (servers < needed) {
        broadcast_heartbeat(state, out);
        return;
    }
    std::partial_sort(connected.begin(), connected.begin() + needed, connected.begin() + servers,
                      [](const Progress* first, const Progress* second) {
                          return first->acked_round > second->acked_round;
                      });
    begin_round(state);
    state.reads.ask_all_at = state.now + patience_ms;
    for (std::size_t i = 0; i < needed; ++i) send_heartbeat(state, out, *connected[i]);
}

void answer_at_once(State& state, Effects& out) {
    for (std::uint64_t read_id : state.reads.waiting)
        out.reads_ready.push_back({read_id, state.commit});
    state.reads.waiting.clear();
}

}  // namespace

void answer_confirmed(State& state, Effects& out) {
    Reads& reads = state.reads;
    extend_lease(state);
    if (reads.asked_round == 0 || confirmed_round(state) < reads.asked_round) return;
    for (std::uint64_t read_id : reads.asked)
        out.reads_ready.push_back({read_id, reads.asked_index});
    reads.asked.clear();
    reads.asked_round = 0;
}

void begin_round(State& state) {
    ++state.reads.last_round;
    std::deque<SentRound>& sent = state.reads.sent;
    if (state.options.read_lease_ms == 0) return;
    sent.push_back({state.reads.last_round, state.now});
    constexpr std::size_t enough = 64;  // for those that are still worth something when answered
    if (sent.size() > enough) sent.pop_front();
}

bool reads_wait_too_long(const State& state) {
    return state.reads.asked_round != 0 && state.now >= state.reads.ask_all_at;
}

void on_read(State& state, Effects& out, std::uint64_t read_id) {
    if (state.role != Role::leader) {
        out.reads_dropped.push_back(read_id);
        return;
    }
    state.reads.waiting.push_back(read_id);
}

void start_read_round(State& state, Effects& out) {
    Reads& reads = state.reads;
    // Before the first commit of its term a leader does not know what is committed (6.4 step 1).
    if (state.role != Role::leader || state.commit < state.term_start) return;
    if (has_lease(state)) answer_at_once(state, out);
    if (reads.waiting.empty() || reads.asked_round != 0) return;
    reads.asked.swap(reads.waiting);
    reads.asked_index = state.commit;
    ++state.tally.read_rounds;
    ask_majority(state, out);
    reads.asked_round = reads.last_round;
    answer_confirmed(state, out);  // a cluster of one is its own majority
}

void on_heartbeat_response(State& state, Effects& out, Progress& follower,
                           const HeartbeatResponse& response) {
    if (response.round > state.reads.last_round) return;  // nothing that we ever asked
    if (response.state.index != LogIndex(0))
        out.peer_marks.push_back({follower.id, response.state});
    follower.acked_round = std::max(follower.acked_round, response.round);
    if (response.promise_ms >= state.options.election_timeout_min_ms)
        follower.promised_round = std::max(follower.promised_round, response.round);
    answer_confirmed(state, out);
    start_read_round(state, out);
}

void drop_reads(State& state, Effects& out) {
    Reads& reads = state.reads;
    out.reads_dropped.insert(out.reads_dropped.end(), reads.asked.begin(), reads.asked.end());
    out.reads_dropped.insert(out.reads_dropped.end(), reads.waiting.begin(), reads.waiting.end());
    reads.asked.clear();
    reads.waiting.clear();
    reads.asked_round = 0;
    reads.sent.clear();
    reads.lease_until = MonotonicMs(0);
    reads.may_have_lease = true;
}

}  // namespace raftkv::raft
