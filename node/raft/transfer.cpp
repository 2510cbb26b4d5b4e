#include "node/raft/transfer.hpp"

#include "common/check.hpp"
#include "node/raft/priority.hpp"

namespace raftkv::raft {
namespace {

using Phase = Transfer::Phase;

// What is known to be missing. While the leader does not know where the logs agree, its guess is
// the best there is.
std::uint64_t lag_of(const State& state, const Progress& follower) {
    const LogIndex has =
        follower.mode == Progress::Mode::replicate ? follower.match_index : follower.next_index - 1;
    return state.log.last_index() - has;
}

const Progress* most_advanced(const State& state) {
    const Progress* best = nullptr;
    for (const Progress& follower : state.followers) {
        if (!follower.connected || !follower.votes) continue;
        const bool is_better = !best || follower.match_index > best->match_index ||
                               (follower.match_index == best->match_index &&
                                is_preferred(state, follower.id, best->id));
        if (is_better) best = &follower;
    }
    return best;
}

// Why leadership cannot be handed to this follower now, if it cannot.
TransferStart judge(const State& state, const Progress* follower) {
    if (!follower) return TransferStart::no_such_server;
    if (!follower->votes) return TransferStart::no_voter;
    if (!answers(state, *follower)) return TransferStart::not_connected;
    if (lag_of(state, *follower) > state.options.max_transfer_lag)
        return TransferStart::too_far_behind;
    return TransferStart::begun;
}

void begin(State& state, Effects& out, NodeId target) {
    const MonotonicMs deadline = state.now + state.options.election_timeout_max_ms;
    state.transfer = Transfer{target, Phase::catching_up, deadline};
    advance_transfer(state, out);
}

}  // namespace

TransferStart start_transfer(State& state, Effects& out, std::optional<NodeId> target) {
    if (state.role != Role::leader) return TransferStart::not_leading;
    if (target == state.options.id) return TransferStart::leads_already;
    if (state.transfer) return TransferStart::under_way;
    if (!target) {
        // Somebody has to take over, however far behind.
        const Progress* best = most_advanced(state);
        if (!best) return TransferStart::nobody_connected;
        begin(state, out, best->id);
        return TransferStart::begun;
    }
    const TransferStart verdict = judge(state, find_follower(state, *target));
    if (verdict == TransferStart::begun) begin(state, out, *target);
    return verdict;
}

void advance_transfer(State& state, Effects& out) {
    if (!state.transfer) return;
    Transfer& transfer = *state.transfer;
    const Progress* target = find_follower(state, transfer.target);
    RAFTKV_CHECK(target != nullptr);
    const LogIndex last = state.log.last_index();
    if (transfer.phase == Phase::catching_up) {
        if (target->mode != Progress::Mode::replicate || target->next_index <= last) return;
        transfer.phase = Phase::draining;
    }
    if (transfer.phase != Phase::draining) return;
    if (target->match_index < last || state.commit < last) return;
    transfer.phase = Phase::asked;
    // From here on others may elect the target at any time, also when this is given up.
    state.reads.may_have_lease = false;
    send_now(state, out, target->id, TimeoutNow{});
}

bool answers(const State& state, const Progress& follower) {
    return follower.connected &&
           state.now - follower.last_contact <= 3 * std::int64_t(state.options.heartbeat_ms);
}

void expire_transfer(State& state) {
    if (state.transfer && state.now >= state.transfer->deadline) state.transfer.reset();
}

void on_transfer_target_lost(State& state, NodeId peer) {
    if (state.transfer && state.transfer->target == peer) state.transfer.reset();
}

bool keeps_proposals_out(const State& state) {
    return state.transfer && state.transfer->phase != Phase::catching_up;
}

}  // namespace raftkv::raft
