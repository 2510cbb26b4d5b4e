#include "node/raft/state.hpp"

#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "node/raft/members.hpp"

namespace raftkv::raft {
namespace {

bool draft_is_empty(const LogWrite& draft) {
    return !draft.cluster && !draft.hard_state && !draft.snapshot && !draft.truncate_from &&
           draft.entries.empty();
}

// The sequence of the write that covers everything said up to now in this step.
std::uint64_t covering_sequence(const State& state) {
    return draft_is_empty(state.draft) ? state.last_sequence : state.last_sequence + 1;
}

}  // namespace

std::uint32_t random_between(State& state, std::uint32_t low, std::uint32_t high) {
    // splitmix64: the same sequence everywhere, from the seed alone.
    state.random_state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state.random_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return low + static_cast<std::uint32_t>(z % (std::uint64_t(high) - low + 1));
}

bool has_vote(const State& state) {
    const Member* own = members(state).find(state.options.id);
    if (!own || !own->votes()) return false;
    const bool is_first = state.memberships.back().index == LogIndex(0);
    return is_first || own->folder == state.options.folder;
}

bool is_connected(const State& state, NodeId id) {
    const auto& peers = state.connected_peers;
    return std::find(peers.begin(), peers.end(), id) != peers.end();
}

Progress* find_follower(State& state, NodeId id) {
    for (Progress& follower : state.followers)
        if (follower.id == id) return &follower;
    return nullptr;
}

void send_now(const State& state, Effects& out, NodeId to, Body body) {
    out.send_now.push_back({to, {state.hard.term, std::move(body)}});
}

void send_durably(const State& state, Effects& out, NodeId to, Body body) {
    out.send_after_persist.push_back(
        {covering_sequence(state), {to, {state.hard.term, std::move(body)}}});
}

void send_once_term_is_durable(const State& state, Effects& out, NodeId to, Body body) {
    if (state.draft.hard_state || state.hard_state_sequence > state.durable_sequence)
        send_durably(state, out, to, std::move(body));
    else
        send_now(state, out, to, std::move(body));
}

void set_hard_state(State& state, HardState hard) {
    RAFTKV_CHECK(hard.term >= state.hard.term);
    // A vote is never taken back or given twice in one term (5.2).
    RAFTKV_CHECK(hard.term > state.hard.term || !state.hard.vote || hard.vote == state.hard.vote);
    if (hard == state.hard) return;
    state.hard = hard;
    state.draft.hard_state = hard;
}

void append_entry(State& state, Entry entry) {
    state.draft.entries.push_back(entry);
    state.log.append(std::move(entry));
    if (state.draft.entries.back().kind == EntryKind::members)
        take_members(state, state.draft.entries.back());
}

void truncate_log(State& state, LogIndex from) {
    RAFTKV_CHECK(from > state.commit);  // committed entries are for ever
    RAFTKV_CHECK(state.draft.entries.empty());
    state.log.truncate_from(from);
    forget_members_from(state, from);
    state.draft.truncate_from = from;
    state.durable_index = std::min(state.durable_index, from - 1);
    for (PendingWrite& write : state.pending_writes)
        write.last_index = std::min(write.last_index, from - 1);
}

void mark_snapshot(State& state, const SnapshotInfo& info) {
    RAFTKV_CHECK(state.draft.entries.empty() && !state.draft.truncate_from);
    if (state.log.matches(info.id.index, info.id.term)) {
        // What is in memory stays on disk, too: followers that are behind a little can have it.
        state.log.forget_before(std::min(state.log.first_cached(), info.id.index + 1));
    } else {
        state.log.restart_after(info.id.index, info.id.term);
        // Nothing of what is being written is in this log any more, nor is the mark durable yet.
        state.durable_index = LogIndex(0);
        for (PendingWrite& write : state.pending_writes) write.last_index = LogIndex(0);
    }
    advance_commit(state, info.id.index);
    state.snapshot = info;
    state.draft.snapshot = SnapshotMark{info.id, state.log.first_index()};
}

void finish_draft(State& state, Effects& out) {
    if (draft_is_empty(state.draft)) return;
    state.draft.sequence = ++state.last_sequence;
    state.draft.commit = state.commit;
    if (state.draft.hard_state) state.hard_state_sequence = state.last_sequence;
    state.pending_writes.push_back({state.last_sequence, state.log.last_index()});
    out.writes.push_back(std::move(state.draft));
    state.draft = LogWrite();
}

void advance_commit(State& state, LogIndex index) {
    RAFTKV_CHECK(index <= state.log.last_index());
    if (index <= state.commit) return;
    if (state.role == Role::leader) {
        for (LogIndex i = state.commit + 1; i <= index; ++i)
            state.uncommitted_bytes -= cost_of(state.log.entry(i));
    }
    state.commit = index;
    // What comes in is behind by now.
    if (state.incoming && state.incoming->snapshot.id.index <= index) state.incoming.reset();
}

}  // namespace raftkv::raft
