#include "node/raft/replication.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/check.hpp"
#include "node/raft/election.hpp"
#include "node/raft/members.hpp"
#include "node/raft/priority.hpp"
#include "node/raft/quorum.hpp"
#include "node/raft/read_index.hpp"
#include "node/raft/reconfiguration.hpp"
#include "node/raft/snapshot.hpp"
#include "node/raft/transfer.hpp"

namespace raftkv::raft {
namespace {

std::size_t cost_of_all(const std::vector<Entry>& entries) {
    std::size_t bytes = 0;
    for (const Entry& entry : entries) bytes += cost_of(entry);
    return bytes;
}

bool window_is_full(const State& state, const Progress& follower) {
    return follower.inflight.size() >= state.options.max_inflight_messages ||
           follower.inflight_bytes >= state.options.max_inflight_bytes;
}

// `entries` start at the follower's next index; none is a probe.
void send_entries(State& state, Effects& out, Progress& follower, std::vector<Entry> entries) {
    const LogIndex prev = follower.next_index - 1;
    if (follower.mode == Progress::Mode::probe)
        follower.probe_sent = true;
    else
        follower.sent(entries.back().index, cost_of_all(entries));
    send_now(state, out, follower.id,
             AppendRequest{prev, state.log.term_at(prev), state.commit, std::move(entries)});
}

// Where to look for agreement after a refusal (end of 5.3): skip the whole conflicting term.
LogIndex next_after_refusal(const State& state, const AppendResponse& refusal) {
    if (refusal.conflict_term == Term(0)) return refusal.conflict_index;
    const LogIndex ours = state.log.last_of_term_at_most(refusal.conflict_term);
    const bool have_that_term =
        ours > LogIndex(0) && state.log.term_at(ours) == refusal.conflict_term;
    return have_that_term ? std::min(ours + 1, refusal.index) : refusal.conflict_index;
}

void on_refusal(State& state, Effects& out, Progress& follower, const AppendResponse& refusal) {
    // An answer to an older question: everything up to match_index is known to agree, and a probe
    // asks about exactly one index.
    if (refusal.index <= follower.match_index || refusal.index >= follower.next_index) return;
    if (follower.mode == Progress::Mode::probe && refusal.index + 1 != follower.next_index) return;
    const LogIndex next = std::min(next_after_refusal(state, refusal), refusal.index);
    follower.start_probing(std::max(next, follower.match_index + 1));
    send_appends(state, out, follower);
}

// A leader that cannot reach a majority must not go on as if it led (6.2).
bool hears_from_a_majority(const State& state) {
    std::size_t heard = 1;
    for (const Progress& follower : state.followers) {
        const std::int64_t silence = state.now - follower.last_contact;
        if (follower.votes && silence < std::int64_t(state.options.election_timeout_max_ms))
            ++heard;
    }
    return is_majority(state, heard);
}

// The others commit without this server's disk. What that does not take stays in memory, and would
// grow for as long as the disk hangs.
bool is_held_back_by_its_disk(const State& state) {
    return state.log.cache_bytes() >=
           state.options.log_cache_bytes + state.options.max_uncommitted_bytes;
}

// What was sent seems lost (a message can be): find out again where the follower stands.
void retry_stuck(State& state, Effects& out, Progress& follower) {
    const bool waits = follower.mode == Progress::Mode::probe       ? follower.probe_sent
                       : follower.mode == Progress::Mode::replicate ? !follower.inflight.empty()
                                                                    : true;
    if (!waits) {
        follower.last_progress = state.now;
    } else if (state.now - follower.last_progress >=
               std::int64_t(state.options.election_timeout_max_ms)) {
        follower.last_progress = state.now;
        // A probe asks the same again; what was sent after match_index has to go once more.
        if (follower.mode == Progress::Mode::snapshot) {
            ask_how_far(state, out, follower);
        } else if (follower.mode == Progress::Mode::probe) {
            follower.start_probing(follower.next_index);
        } else {
            follower.start_probing(first_to_try(state, follower));
        }
    }
    send_appends(state, out, follower);
}

// The part of a request's entries that is news, after cutting off what conflicts (5.3). Entries
// that are there already are left alone: the request may be an old one.
void append_missing(State& state, const AppendRequest& request) {
    state.draft.entries.reserve(state.draft.entries.size() + request.entries.size());
    for (const Entry& entry : request.entries) {
        if (entry.index <= state.log.last_index()) {
            if (state.log.term_at(entry.index) == entry.term) continue;
            truncate_log(state, entry.index);
        }
        append_entry(state, entry);
    }
}

AppendResponse refusal_of(const State& state, LogIndex prev) {
    if (prev > state.log.last_index()) return {false, prev, Term(0), state.log.last_index() + 1};
    return {false, prev, state.log.term_at(prev), state.log.first_of_term_at(prev)};
}

}  // namespace

void broadcast_appends(State& state, Effects& out) {
    for (Progress& follower : state.followers) send_appends(state, out, follower);
}

LogIndex first_to_try(const State& state, const Progress& follower) {
    return std::max(follower.match_index + 1, state.log.first_index());
}

void send_appends(State& state, Effects& out, Progress& follower) {
    if (!follower.connected) return;
    if (needs_snapshot(state, follower)) {
        send_snapshot(state, out, follower);
        return;
    }
    if (follower.mode == Progress::Mode::probe) {
        // Without entries: whatever was guessed wrong costs no bandwidth.
        if (!follower.probe_sent) send_entries(state, out, follower, {});
        return;
    }
    const LogIndex last = last_to_send(state, follower);
    while (follower.next_index <= last && !window_is_full(state, follower)) {
        if (follower.next_index < state.log.first_cached()) {
            if (!follower.fetch_pending)
                out.fetches.push_back({follower.id, follower.next_index,
                                       std::min(last, state.log.first_cached() - 1),
                                       state.options.max_append_bytes});
            follower.fetch_pending = true;
            return;
        }
        std::vector<Entry> entries =
            state.log.slice(follower.next_index, state.options.max_append_bytes);
        while (entries.back().index > last) entries.pop_back();
        send_entries(state, out, follower, std::move(entries));
    }
}

void start_leading(State& state, Effects& out) {
    state.followers.clear();
    follow_members(state);
    state.incoming.reset();
    state.uncommitted_bytes = 0;
    for (LogIndex i = state.commit + 1; i <= state.log.last_index(); ++i)
        state.uncommitted_bytes += cost_of(state.log.entry(i));
    state.transfer.reset();
    start_preferring(state);
    // An entry of the new term at once: older ones may be counted only with it (5.4.2), and reads
    // wait for it (6.4).
    state.term_start = state.log.last_index() + 1;
    Entry first = first_entry_of_term(state);
    state.uncommitted_bytes += cost_of(first);
    append_entry(state, std::move(first));
    broadcast_heartbeat(state, out);
    broadcast_appends(state, out);
}

void stop_leading(State& state, Effects& out) {
    state.followers.clear();
    state.uncommitted_bytes = 0;
    state.transfer.reset();
    drop_reads(state, out);
}

bool takes_proposals(const State& state) {
    return state.role == Role::leader && !keeps_proposals_out(state) && state.log_has_room &&
           state.uncommitted_bytes < state.options.max_uncommitted_bytes &&
           !is_held_back_by_its_disk(state);
}

std::optional<LogIndex> propose(State& state, Effects& out, std::span<const SharedBytes> payloads) {
    if (!takes_proposals(state) || payloads.empty()) return std::nullopt;
    const LogIndex first = state.log.last_index() + 1;
    state.draft.entries.reserve(state.draft.entries.size() + payloads.size());
    for (const SharedBytes& payload : payloads) {
        Entry entry{state.log.last_index() + 1, state.hard.term, EntryKind::command, payload};
        state.uncommitted_bytes += cost_of(entry);
        append_entry(state, std::move(entry));
    }
    broadcast_appends(state, out);
    return first;
}

void on_append_response(State& state, Effects& out, Progress& follower,
                        const AppendResponse& response) {
    if (!response.accepted) {
        on_refusal(state, out, follower, response);
        return;
    }
    if (response.index > state.log.last_index()) return;  // nothing that we ever sent
    const bool news = follower.acknowledged(response.index);
    if (news) follower.last_progress = state.now;
    if (follower.mode != Progress::Mode::replicate && !needs_snapshot(state, follower))
        follower.start_replicating();
    if (news) commit_what_a_majority_has(state, out);
    send_appends(state, out, follower);
    advance_transfer(state, out);
}

void on_entries_fetched(State& state, Effects& out, Progress& follower,
                        std::vector<Entry> entries) {
    follower.fetch_pending = false;
    // The log may have forgotten them meanwhile, with the entry before them.
    const bool wanted = follower.mode == Progress::Mode::replicate && !entries.empty() &&
                        entries.front().index == follower.next_index &&
                        !needs_snapshot(state, follower) &&
                        entries.back().index <= last_to_send(state, follower) &&
                        state.log.matches(entries.back().index, entries.back().term);
    if (wanted) send_entries(state, out, follower, std::move(entries));
    send_appends(state, out, follower);
}

void commit_what_a_majority_has(State& state, Effects& out) {
    std::array<std::uint64_t, 64> reached;
    std::size_t servers = 0;
    reached[servers++] = state.durable_index.value();
    for (const Progress& follower : state.followers)
        if (follower.votes) reached[servers++] = follower.match_index.value();
    const LogIndex index(majority_reached({reached.data(), servers}));
    if (index <= state.commit || state.log.term_at(index) != state.hard.term) return;
    advance_commit(state, index);
    if (state.commit >= state.term_start) start_read_round(state, out);
    advance_transfer(state, out);
}

void tick_leader(State& state, Effects& out) {
    if (!hears_from_a_majority(state)) {
        become_follower(state, out, state.hard.term, std::nullopt);
        return;
    }
    expire_transfer(state);
    prefer_priority(state, out);
    advance_members(state, out);
    if (is_held_back_by_its_disk(state) || !state.is_trusted)
        start_transfer(state, out, std::nullopt);
    for (Progress& follower : state.followers) retry_stuck(state, out, follower);
    if (state.now >= state.next_heartbeat || reads_wait_too_long(state))
        broadcast_heartbeat(state, out);
}

void send_heartbeat(const State& state, Effects& out, const Progress& follower) {
    // Only what the follower is known to have: more could be committed there that is not ours.
    const LogIndex commit = std::min(state.commit, follower.match_index);
    send_now(state, out, follower.id,
             Heartbeat{commit, state.reads.last_round, state.state_mark, follower.differs});
}

void broadcast_heartbeat(State& state, Effects& out) {
    state.next_heartbeat = state.now + state.options.heartbeat_ms;
    state.reads.ask_all_at = state.next_heartbeat;
    begin_round(state);
    for (const Progress& follower : state.followers) send_heartbeat(state, out, follower);
}

void on_append_request(State& state, Effects& out, NodeId from, const AppendRequest& request) {
    if (!request.entries.empty() && !state.log_has_room) return;  // as if the message was lost
    if (request.prev_index < state.log.first_index() - 1) {
        // An old request. What is committed here is in the leader's log, too (5.4.3).
        send_durably(state, out, from, AppendResponse{true, state.commit, Term(0), LogIndex(0)});
        return;
    }
    if (contradicts_committed(state, from, request)) return;  // no leader of ours sends that
    if (!state.log.matches(request.prev_index, request.prev_term)) {
        send_once_term_is_durable(state, out, from, refusal_of(state, request.prev_index));
        return;
    }
    append_missing(state, request);
    // Beyond what this message vouches for, our log may differ from the leader's.
    const LogIndex verified = request.prev_index + request.entries.size();
    advance_commit(state, std::min(request.commit, verified));
    agrees_up_to(state, verified);
    send_durably(state, out, from, AppendResponse{true, verified, Term(0), LogIndex(0)});
}

void on_heartbeat(State& state, Effects& out, NodeId from, const Heartbeat& heartbeat) {
    // The leader says no more than what it knows to be durable here.
    look_for_lost_tail(state, from, heartbeat.commit);
    advance_commit(state, std::min(heartbeat.commit, state.log.last_index()));
    if (heartbeat.state.index != LogIndex(0)) out.peer_marks.push_back({from, heartbeat.state});
    out.told_to_differ = out.told_to_differ || heartbeat.differs;
    const Options& own = state.options;
    const std::uint32_t promise_ms = own.read_lease_ms > 0 ? own.election_timeout_min_ms : 0;
    send_once_term_is_durable(state, out, from,
                              HeartbeatResponse{heartbeat.round, state.state_mark, promise_ms});
}

}  // namespace raftkv::raft
