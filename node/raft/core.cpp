#include "node/raft/core.hpp"

#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "node/raft/election.hpp"
#include "node/raft/founding.hpp"
#include "node/raft/invariants.hpp"
#include "node/raft/members.hpp"
#include "node/raft/read_index.hpp"
#include "node/raft/reconfiguration.hpp"
#include "node/raft/replication.hpp"
#include "node/raft/snapshot.hpp"
#include "node/raft/state.hpp"
#include "node/raft/transfer.hpp"

namespace raftkv::raft {
namespace {

// Terms grow by elections, not by leaps. So many, and then so many in a millisecond, is how far
// others can take this server: any that runs is within that of any other, and no damaged or hostile
// message uses up all the terms there are.
constexpr std::uint64_t terms_ahead = std::uint64_t(1) << 48;
constexpr std::uint64_t terms_a_ms = 1024;
// Each term that is taken from others is written down, and costs a leader its leadership. Elections
// need few; so many at once, and then one in so many milliseconds, is what anybody can bring about.
constexpr std::int64_t terms_at_once = 64;
constexpr std::int64_t ms_a_term = 32;

bool is_request_of_leader(const Body& body) {
    return std::holds_alternative<AppendRequest>(body) ||
           std::holds_alternative<SnapshotChunk>(body) || std::holds_alternative<Heartbeat>(body);
}

// A message of an earlier term: its sender is told the present one (5.1). Without this a server
// that came back with a higher term than the leader's would stay outside for ever.
void refuse_stale(State& state, Effects& out, NodeId from, const Body& body) {
    if (std::holds_alternative<AppendRequest>(body)) {
        const LogIndex prev = std::get<AppendRequest>(body).prev_index;
        const AppendResponse refusal{false, prev, Term(0), state.log.last_index() + 1};
        send_once_term_is_durable(state, out, from, refusal);
    } else if (std::holds_alternative<Heartbeat>(body)) {
        send_once_term_is_durable(state, out, from, HeartbeatResponse());
    }
}

void follow_leader(State& state, Effects& out, NodeId from, Term term) {
    RAFTKV_CHECK(state.role != Role::leader || term > state.hard.term);  // one leader a term (5.2)
    if (state.role != Role::follower || term > state.hard.term || state.leader != from)
        become_follower(state, out, term, from);
    state.last_leader_contact = state.now;
    state.lost_elections = 0;
    reset_election_timer(state);
}

void dispatch_to_follower(State& state, Effects& out, NodeId from, const Message& message) {
    if (message.term == state.hard.term && state.role == Role::leader) return;  // nobody honest
    follow_leader(state, out, from, message.term);
    if (const auto* append = std::get_if<AppendRequest>(&message.body))
        on_append_request(state, out, from, *append);
    else if (const auto* chunk = std::get_if<SnapshotChunk>(&message.body))
        on_snapshot_chunk(state, out, from, *chunk);
    else
        on_heartbeat(state, out, from, std::get<Heartbeat>(message.body));
}

void dispatch_to_leader(State& state, Effects& out, NodeId from, const Body& body) {
    Progress* follower = find_follower(state, from);
    if (!follower) return;
    follower->last_contact = state.now;
    if (const auto* append = std::get_if<AppendResponse>(&body))
        on_append_response(state, out, *follower, *append);
    else if (const auto* snapshot = std::get_if<SnapshotResponse>(&body))
        on_snapshot_response(state, out, *follower, *snapshot);
    else
        on_heartbeat_response(state, out, *follower, std::get<HeartbeatResponse>(body));
}

bool is_promise(const Body& body) {
    return std::holds_alternative<VoteResponse>(body) ||
           std::holds_alternative<AppendResponse>(body) ||
           std::holds_alternative<SnapshotResponse>(body) ||
           std::holds_alternative<HeartbeatResponse>(body);
}

void dispatch(State& state, Effects& out, NodeId from, const Message& message) {
    const Body& body = message.body;
    // Who has the id of a member and another folder cannot keep what that one promised.
    if (is_promise(body) && is_somebody_else(state, from)) return;
    if (const auto* vote = std::get_if<VoteRequest>(&body)) {
        on_vote_request(state, out, from, message.term, *vote);
    } else if (const auto* answer = std::get_if<VoteResponse>(&body)) {
        on_vote_response(state, out, from, message.term, *answer);
    } else if (message.term < state.hard.term) {
        refuse_stale(state, out, from, body);
    } else if (is_request_of_leader(body)) {
        dispatch_to_follower(state, out, from, message);
    } else if (message.term > state.hard.term) {
        become_follower(state, out, message.term, std::nullopt);
    } else if (std::holds_alternative<TimeoutNow>(body)) {
        if (state.leader == from) on_timeout_now(state, out);
    } else if (state.role == Role::leader) {
        dispatch_to_leader(state, out, from, body);
    }
}

// The process did not run for a while (a stopped process, a busy machine). What others said
// meanwhile waits in our sockets, so silence is no sign yet: the timers have not been running.
void forgive_stall(State& state, std::int64_t stall_ms) {
    state.election_deadline = state.election_deadline + stall_ms;
    for (Progress& follower : state.followers)
        follower.last_contact = std::min(state.now, follower.last_contact + stall_ms);
}

// Of a message with a later term that this server would take.
bool brings_term(const State& state, const Message& message) {
    if (message.term <= state.hard.term) return false;
    if (const auto* vote = std::get_if<VoteRequest>(&message.body)) return !vote->pre;
    const auto* answer = std::get_if<VoteResponse>(&message.body);
    return !answer || !answer->pre || !answer->granted;
}

// False: as if the message was lost.
bool admits_term(State& state, Term term) {
    if (state.terms_paid_until > state.now + terms_at_once * ms_a_term) return false;
    const std::uint64_t regained =
        terms_a_ms * static_cast<std::uint64_t>(state.now - state.terms_counted_at);
    state.terms_taken -= std::min(state.terms_taken, regained);
    state.terms_counted_at = state.now;
    const std::uint64_t leap = term - state.hard.term;
    if (leap > terms_ahead - state.terms_taken) return false;
    state.terms_taken += leap;
    state.terms_paid_until = std::max(state.terms_paid_until, state.now) + ms_a_term;
    return true;
}

void finish_step(State& state, Effects& out) {
    settle_cluster(state);
    finish_draft(state, out);
    check_invariants(state);
}

}  // namespace

Core::Core(Options options, const Restored& restored, MonotonicMs now)
    : state_(std::make_unique<State>()) {
    State& state = *state_;
    state.options = std::move(options);
    RAFTKV_CHECK(state.options.election_timeout_min_ms > state.options.heartbeat_ms);
    RAFTKV_CHECK(state.options.read_lease_ms < state.options.election_timeout_min_ms);
    state.random_state = state.options.seed;
    state.hard = restored.hard_state;
    state.commit = restored.commit;
    state.durable_index = restored.last_index;
    state.log = Log(restored);
    state.snapshot = restored.snapshot;
    state.cluster = state.options.cluster;
    state.now = now;
    // Nobody knows what was promised right before the process ended.
    state.last_leader_contact = now;
    start_members(state, restored);
    if (state.cluster != 0 && state.log.last_index() == LogIndex(0)) wait_to_be_told(state);
    reset_election_timer(state);
    check_invariants(state);
}

Core::~Core() = default;

void Core::set_time(MonotonicMs now) {
    RAFTKV_CHECK(now >= state_->now);
    const std::int64_t passed = now - state_->now;
    const std::int64_t expected = state_->options.heartbeat_ms;
    state_->now = now;
    if (passed > expected) forgive_stall(*state_, passed - expected);
}

void Core::tick(Effects& out) {
    State& state = *state_;
    if (state.role == Role::leader) {
        tick_leader(state, out);
    } else if (state.now >= state.election_deadline) {
        on_election_timeout(state, out);
    }
    finish_step(state, out);
}

void Core::receive(NodeId from, const Message& message, Effects& out) {
    State& state = *state_;
    if (from == state.options.id) return;
    if (!takes_part(state) && !std::holds_alternative<VoteRequest>(message.body)) return;
    if (!brings_term(state, message) || admits_term(state, message.term))
        dispatch(state, out, from, message);
    finish_step(state, out);
}

void Core::peer_connected(NodeId peer, Effects& out) {
    State& state = *state_;
    if (!is_connected(state, peer)) state.connected_peers.push_back(peer);
    if (Progress* follower = find_follower(state, peer)) {
        // What was sent on an earlier connection may be lost.
        follower->connected = true;
        follower->differs = false;  // it may have made its state anew
        follower->start_probing(first_to_try(state, *follower));
        send_appends(state, out, *follower);
    }
    finish_step(state, out);
}

void Core::peer_disconnected(NodeId peer, Effects& out) {
    State& state = *state_;
    std::erase(state.connected_peers, peer);
    if (Progress* follower = find_follower(state, peer)) {
        follower->connected = false;
        follower->start_probing(first_to_try(state, *follower));
        on_transfer_target_lost(state, peer);
    }
    if (state.role == Role::follower && state.leader == peer) on_leader_lost(state);
    finish_step(state, out);
}

void Core::persisted(std::uint64_t sequence, Effects& out) {
    State& state = *state_;
    RAFTKV_CHECK(sequence <= state.last_sequence);
    if (sequence <= state.durable_sequence) return;
    const bool own_vote =
        state.durable_sequence < state.self_vote_sequence && sequence >= state.self_vote_sequence;
    const bool term_and_vote =
        state.durable_sequence < state.hard_state_sequence && sequence >= state.hard_state_sequence;
    state.durable_sequence = sequence;
    if (term_and_vote && state.role != Role::leader) reset_election_timer(state);
    while (!state.pending_writes.empty() && state.pending_writes.front().sequence <= sequence) {
        state.durable_index =
            std::max(state.durable_index, state.pending_writes.front().last_index);
        state.pending_writes.pop_front();
    }
    if (own_vote) on_own_vote_durable(state, out);
    if (state.role == Role::leader) commit_what_a_majority_has(state, out);
    finish_step(state, out);
}

void Core::entries_fetched(NodeId from, std::vector<Entry> entries, Effects& out) {
    if (Progress* follower = find_follower(*state_, from))
        on_entries_fetched(*state_, out, *follower, std::move(entries));
    finish_step(*state_, out);
}

void Core::log_has_room(bool room, Effects& out) {
    state_->log_has_room = room;
    if (!room) start_transfer(*state_, out, std::nullopt);
    finish_step(*state_, out);
}

void Core::state_reached(const StateMark& mark) {
    state_->state_mark = mark;
}

void Core::distrust_state(bool distrust, Effects& out) {
    state_->is_trusted = !distrust;
    if (distrust) start_transfer(*state_, out, std::nullopt);
    finish_step(*state_, out);
}

void Core::tell_that_it_differs(NodeId follower, bool differs) {
    if (Progress* progress = find_follower(*state_, follower)) progress->differs = differs;
}

void Core::snapshot_taken(const SnapshotInfo& info, Effects& out) {
    State& state = *state_;
    RAFTKV_CHECK(info.id.index <= state.commit);
    if (state.snapshot && info.id.index <= state.snapshot->id.index) return;
    RAFTKV_CHECK(state.log.matches(info.id.index, info.id.term));
    mark_snapshot(state, info);
    finish_step(state, out);
}

void Core::snapshot_fetched(const SnapshotFetch& fetch, SharedBytes bytes, Effects& out) {
    if (Progress* follower = find_follower(*state_, fetch.follower))
        on_snapshot_fetched(*state_, out, *follower, fetch, std::move(bytes));
    finish_step(*state_, out);
}

void Core::snapshot_stored(const SnapshotId& id, std::uint64_t bytes, Effects& out) {
    on_snapshot_stored(*state_, out, id, bytes);
    finish_step(*state_, out);
}

void Core::snapshot_lost(const SnapshotId& id) {
    if (state_->incoming && state_->incoming->snapshot.id == id) state_->incoming.reset();
}

bool Core::install_snapshot(const SnapshotInfo& info, Membership members, Effects& out) {
    const bool installed = raft::install_snapshot(*state_, out, info, std::move(members));
    finish_step(*state_, out);
    return installed;
}

TransferStart Core::transfer_leadership(std::optional<NodeId> target, Effects& out) {
    const TransferStart start = start_transfer(*state_, out, target);
    finish_step(*state_, out);
    return start;
}

ChangeStart Core::change_members(const MemberChange& change, Effects& out) {
    const ChangeStart start = raft::change_members(*state_, out, change);
    finish_step(*state_, out);
    return start;
}

void Core::folder_heard(const MemberFolder& heard, Effects& out) {
    on_folder_heard(*state_, out, heard);
    finish_step(*state_, out);
}

void Core::allow_founding(bool allowed) {
    state_->may_found = allowed;
}

void Core::join_cluster(std::uint64_t cluster, Effects& out) {
    raft::join_cluster(*state_, out, cluster);
    finish_step(*state_, out);
}

Claim Core::claim() const {
    return raft::claim_of(*state_);
}

std::optional<LogIndex> Core::propose(std::span<const SharedBytes> payloads, Effects& out) {
    const std::optional<LogIndex> first = raft::propose(*state_, out, payloads);
    finish_step(*state_, out);
    return first;
}

bool Core::takes_proposals() const {
    return raft::takes_proposals(*state_);
}

bool Core::handing_over() const {
    return keeps_proposals_out(*state_);
}

std::optional<NodeId> Core::transfer_target() const {
    if (!state_->transfer) return std::nullopt;
    return state_->transfer->target;
}

void Core::read(std::uint64_t read_id, Effects& out) {
    on_read(*state_, out, read_id);
}

void Core::begin_reads(Effects& out) {
    start_read_round(*state_, out);
    finish_step(*state_, out);
}

void Core::applied(LogIndex index) {
    RAFTKV_CHECK(index <= state_->commit);
    state_->log.shrink_cache(state_->options.log_cache_bytes,
                             std::min(index, state_->durable_index));
    forget_members_before(*state_, index);
}

const Membership& Core::members() const {
    return raft::members(*state_);
}
LogIndex Core::members_index() const {
    return state_->memberships.back().index;
}
std::uint64_t Core::members_changes() const {
    return state_->membership_changes;
}
const MembershipAt& Core::applied_members() const {
    return state_->memberships.front();
}

Role Core::role() const {
    return state_->role;
}
Term Core::term() const {
    return state_->hard.term;
}

std::optional<NodeId> Core::leader() const {
    const State& state = *state_;
    if (state.role == Role::leader || !state.leader) return state.leader;
    const std::int64_t silence = state.now - state.last_leader_contact;
    if (silence > std::int64_t(state.options.election_timeout_max_ms)) return std::nullopt;
    return state.leader;
}

std::optional<Contradiction> Core::contradiction() const {
    return contradiction_with_leader(*state_);
}
LogIndex Core::commit() const {
    return state_->commit;
}
LogIndex Core::durable_index() const {
    return state_->durable_index;
}
LogIndex Core::term_start() const {
    return state_->term_start;
}
const Log& Core::log() const {
    return state_->log;
}
const std::vector<Progress>& Core::followers() const {
    return state_->followers;
}
const Tally& Core::tally() const {
    return state_->tally;
}
bool Core::has_room() const {
    return state_->log_has_room;
}
const std::optional<SnapshotInfo>& Core::snapshot() const {
    return state_->snapshot;
}

bool Core::is_sending_snapshot() const {
    const auto& followers = state_->followers;
    return std::any_of(followers.begin(), followers.end(), [](const Progress& follower) {
        return follower.connected && follower.mode == Progress::Mode::snapshot;
    });
}

std::optional<SnapshotInfo> Core::incoming_snapshot() const {
    if (!state_->incoming) return std::nullopt;
    return state_->incoming->snapshot;
}

}  // namespace raftkv::raft
