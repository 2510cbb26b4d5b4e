#include "node/raft/snapshot.hpp"

#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "node/raft/members.hpp"

namespace raftkv::raft {
namespace {

// One piece at a time is read ahead, as far as the window goes.
void fetch_next(State& state, Effects& out, Progress& follower) {
    SnapshotSending& sending = follower.sending;
    if (sending.asked || sending.fetch_pending || sending.next == sending.snapshot.bytes) return;
    if (sending.next - sending.acked >= state.options.snapshot_window_bytes) return;
    sending.fetch_pending = true;
    out.snapshot_fetches.push_back(
        {follower.id, sending.snapshot.id, sending.next, state.options.snapshot_chunk_bytes});
}

void say_how_far(const State& state, Effects& out, NodeId to) {
    send_once_term_is_durable(
        state, out, to,
        SnapshotResponse{state.incoming->snapshot.id.index, state.incoming->stored});
}

}  // namespace

bool needs_snapshot(const State& state, const Progress& follower) {
    return follower.next_index < state.log.first_index();
}

void send_snapshot(State& state, Effects& out, Progress& follower) {
    RAFTKV_CHECK(needs_snapshot(state, follower) && state.snapshot);
    // A newer one takes the place of that which was being sent: the older file may be gone.
    if (follower.mode == Progress::Mode::snapshot && follower.sending.snapshot == *state.snapshot) {
        fetch_next(state, out, follower);
        return;
    }
    ++state.tally.snapshots_sent;
    follower.start_snapshot(*state.snapshot);
    ask_how_far(state, out, follower);
}

void ask_how_far(State& state, Effects& out, Progress& follower) {
    follower.sending.asked = true;
    send_now(state, out, follower.id, SnapshotChunk{follower.sending.snapshot, 0, {}});
}

void on_snapshot_response(State& state, Effects& out, Progress& follower,
                          const SnapshotResponse& response) {
    SnapshotSending& sending = follower.sending;
    if (follower.mode != Progress::Mode::snapshot || response.index != sending.snapshot.id.index ||
        response.bytes > sending.snapshot.bytes)
        return;
    if (sending.asked) {
        sending.acked = sending.next = response.bytes;
        sending.asked = false;
        // What is being read was for another place; its answer is told from the next by its offset.
        sending.fetch_pending = false;
        follower.last_progress = state.now;
    } else if (response.bytes > sending.acked && response.bytes <= sending.next) {
        sending.acked = response.bytes;
        follower.last_progress = state.now;
    }
    fetch_next(state, out, follower);
}

void on_snapshot_fetched(State& state, Effects& out, Progress& follower, const SnapshotFetch& fetch,
                         SharedBytes bytes) {
    SnapshotSending& sending = follower.sending;
    const bool wanted = follower.mode == Progress::Mode::snapshot && !sending.asked &&
                        sending.fetch_pending && sending.snapshot.id == fetch.id &&
                        sending.next == fetch.offset;
    if (!wanted) return;
    sending.fetch_pending = false;
    if (bytes.empty()) return;  // gone; a newer one is there soon, and the retry will find it
    const std::uint64_t offset = std::exchange(sending.next, sending.next + bytes.size());
    RAFTKV_CHECK(sending.next <= sending.snapshot.bytes);
    send_now(state, out, follower.id, SnapshotChunk{sending.snapshot, offset, std::move(bytes)});
    fetch_next(state, out, follower);
}

void on_snapshot_chunk(State& state, Effects& out, NodeId from, const SnapshotChunk& chunk) {
    if (contradicts_committed(state, from, chunk.snapshot.id)) return;
    if (chunk.snapshot.id.index <= state.commit) {
        // Committed entries are in the log of every later leader (5.4.3), so all is well up to
        // there, whatever the sender believes.
        send_durably(state, out, from, AppendResponse{true, state.commit, Term(0), LogIndex(0)});
        return;
    }
    if (!state.log_has_room) return;  // as if the message was lost
    if (!state.incoming || state.incoming->snapshot != chunk.snapshot)
        state.incoming = Incoming{chunk.snapshot, 0, 0};
    Incoming& incoming = *state.incoming;
    if (chunk.bytes.empty() || chunk.offset != incoming.taken) {
        say_how_far(state, out, from);
        return;
    }
    // Honest leaders keep to their window, which bounds what waits for our disk.
    if (incoming.taken - incoming.stored > 4 * state.options.snapshot_window_bytes) return;
    out.snapshot_pieces.push_back({chunk.snapshot, chunk.offset, chunk.bytes});
    incoming.taken += chunk.bytes.size();
}

void on_snapshot_stored(State& state, Effects& out, const SnapshotId& id, std::uint64_t bytes) {
    // More than was taken: of an earlier time that the same snapshot came in.
    if (!state.incoming || state.incoming->snapshot.id != id || bytes > state.incoming->taken)
        return;
    state.incoming->stored = std::max(state.incoming->stored, bytes);
    if (state.role == Role::follower && state.leader) say_how_far(state, out, *state.leader);
}

bool install_snapshot(State& state, Effects& out, const SnapshotInfo& info, Membership members) {
    if (state.incoming && state.incoming->snapshot.id == info.id) state.incoming.reset();
    // A leader has all of it in its log (5.4.3), and will get there by its own commits.
    if (info.id.index <= state.commit || state.role == Role::leader) return false;
    ++state.tally.snapshots_installed;
    const bool restarts = !state.log.matches(info.id.index, info.id.term);
    mark_snapshot(state, info);
    agrees_up_to(state, info.id.index);
    if (restarts) restart_members(state, {info.id.index, std::move(members)});
    if (state.role == Role::follower && state.leader) {
        send_durably(state, out, *state.leader,
                     AppendResponse{true, info.id.index, Term(0), LogIndex(0)});
    }
    return true;
}

}  // namespace raftkv::raft
