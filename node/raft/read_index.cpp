#include "node/raft/read_index.hpp"

#include <algorithm>
#include <array>

#include "common/check.hpp"
#include "node/raft/quorum.hpp"
#include "node/raft/replication.hpp"

namespace raftkv::raft {
namespace {

// The newest round that a majority has answered. We answer every question of our own at once.
std::uint64_t confirmed_round(const State& state) {
    std::array<std::uint64_t, 64> acked;
    std::size_t servers = 0;
    acked[servers++] = state.reads.last_round;
    for (const Progress& follower : state.followers)
        if (follower.votes) acked[servers++] = follower.acked_round;
    return majority_reached({acked.data(), servers});
}

}  // namespace

void answer_confirmed(State& state, Effects& out) {
    Reads& reads = state.reads;
    if (reads.asked_round == 0 || confirmed_round(state) < reads.asked_round) return;
    for (std::uint64_t read_id : reads.asked)
        out.reads_ready.push_back({read_id, reads.asked_index});
    reads.asked.clear();
    reads.asked_round = 0;
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
    if (reads.waiting.empty() || reads.asked_round != 0) return;
    reads.asked.swap(reads.waiting);
    reads.asked_index = state.commit;
    ++state.tally.read_rounds;
    broadcast_heartbeat(state, out);
    reads.asked_round = reads.last_round;
    answer_confirmed(state, out);  // a cluster of one is its own majority
}

void on_heartbeat_response(State& state, Effects& out, Progress& follower,
                           const HeartbeatResponse& response) {
    if (response.round > state.reads.last_round) return;  // nothing that we ever asked
    if (response.state.index != LogIndex(0))
        out.peer_marks.push_back({follower.id, response.state});
    follower.acked_round = std::max(follower.acked_round, response.round);
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
}

}  // namespace raftkv::raft
