#include "node/raft/priority.hpp"

#include <algorithm>

#include "node/raft/transfer.hpp"

namespace raftkv::raft {
namespace {

constexpr std::uint32_t longest_wait = 10;  // times the first one

// Everything was sent to it, and what it has not answered yet is about to come.
bool keeps_up(const State& state, const Progress& follower) {
    return follower.mode == Progress::Mode::replicate && answers(state, follower) &&
           follower.next_index > state.log.last_index();
}

const Progress* most_preferred(const State& state) {
    const Progress* best = nullptr;
    for (const Progress& follower : state.followers) {
        if (!follower.votes || !keeps_up(state, follower)) continue;
        if (!best || is_preferred(state, follower.id, best->id)) best = &follower;
    }
    return best;
}

}  // namespace

std::uint32_t priority_of(const State& state, NodeId server) {
    for (const ServerPriority& given : state.options.priorities)
        if (given.server == server) return given.priority;
    return 1;
}

bool is_preferred(const State& state, NodeId first, NodeId second) {
    const std::uint32_t of_first = priority_of(state, first);
    const std::uint32_t of_second = priority_of(state, second);
    return of_first != of_second ? of_first > of_second : first < second;
}

bool is_outranked(const State& state) {
    const std::uint32_t own = priority_of(state, state.options.id);
    return std::any_of(state.connected_peers.begin(), state.connected_peers.end(),
                       [&](NodeId peer) {
                           return members(state).has_voter(peer) && priority_of(state, peer) > own;
                       });
}

void prefer_priority(State& state, Effects& out) {
    if (state.now < state.next_look_at_priorities || state.commit < state.term_start) return;
    state.next_look_at_priorities = state.now + state.options.priority_wait_ms;
    const Progress* best = most_preferred(state);
    const std::uint32_t own = priority_of(state, state.options.id);
    if (!best || priority_of(state, best->id) <= own) return;
    if (start_transfer(state, out, best->id) != TransferStart::begun) return;
    const std::uint32_t longest = longest_wait * state.options.priority_wait_ms;
    state.priority_wait_ms = std::min(2 * state.priority_wait_ms, longest);
    state.next_look_at_priorities = state.now + state.priority_wait_ms;
}

void start_preferring(State& state) {
    state.priority_wait_ms = state.options.priority_wait_ms;
    state.next_look_at_priorities = state.now + state.priority_wait_ms;
}

}  // namespace raftkv::raft
