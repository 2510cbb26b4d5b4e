#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/contradiction.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/log.hpp"
#include "node/raft/membership.hpp"
#include "node/raft/options.hpp"
#include "node/raft/progress.hpp"
#include "node/raft/quorum.hpp"
#include "node/raft/role.hpp"
#include "node/raft/transfer_start.hpp"
#include "node/raft/types.hpp"

// The whole state of the consensus core, as plain data for the functions in election.hpp,
// replication.hpp and read_index.hpp. Only Core makes one.

namespace raftkv::raft {

// Answers to the vote requests of the election that runs.
struct Ballot {
    std::vector<NodeId> granted;
    std::vector<NodeId> refused;
};

// Leadership on its way to another server (thesis 3.10).
struct Transfer {
    enum class Phase : std::uint8_t {
        catching_up,  // the target has yet to be sent entries; proposals go on
        draining,     // proposals wait until it has all, and all is committed
        asked,        // it was told to campaign
    };

    NodeId target;  // a follower
    Phase phase = Phase::catching_up;
    MonotonicMs deadline;
};

// A LogWrite that is not durable yet. `last_index` shrinks when entries of it are truncated: what
// was overwritten since must not be counted when the disk answers (an "ABA" of the log).
struct PendingWrite {
    std::uint64_t sequence = 0;
    LogIndex last_index;
};

// When a round of heartbeats left.
struct SentRound {
    std::uint64_t round = 0;
    MonotonicMs at;
};

// Linearizable reads without log entries (thesis 6.4).
struct Reads {
    std::vector<std::uint64_t> waiting;  // arrived, no round asked for them yet
    std::vector<std::uint64_t> asked;    // a round of confirmation is under way
    std::uint64_t asked_round = 0;       // the round that confirms `asked`; 0 when none
    LogIndex asked_index;                // commit index when that round began
    MonotonicMs ask_all_at;              // when that has taken long
    std::uint64_t last_round = 0;        // of all heartbeats; never reused in this process' life
    std::deque<SentRound> sent;          // with a lease: rounds that no majority has answered yet
    MonotonicMs lease_until;             // reads are answered at once before this
    bool may_have_lease = true;          // until leadership is handed over
};

// A snapshot that a leader sends. stored <= taken <= snapshot.bytes.
struct Incoming {
    SnapshotInfo snapshot;
    std::uint64_t taken = 0;   // given to the owner
    std::uint64_t stored = 0;  // the owner has put away
};

struct Tally {
    std::uint64_t elections_started = 0;
    std::uint64_t elections_won = 0;
    std::uint64_t read_rounds = 0;
    std::uint64_t snapshots_sent = 0;
    std::uint64_t snapshots_installed = 0;
};

struct State {
    Options options;

    // Persistent (figure 2). `hard` is what was said or is about to be; what leaves because of it
    // waits for its write.
    HardState hard;
    Log log;
    std::uint64_t cluster = 0;  // this server belongs to it for good; 0: to none yet
    bool may_found = true;      // it may take part in making one; of meaning while it has none

    // Ascending, never empty: the first is that of what is applied, and the last one, committed or
    // not, is in force (thesis 4.1).
    std::deque<MembershipAt> memberships;
    std::uint64_t membership_changes = 0;     // of the one in force, in this process' life
    std::vector<MemberFolder> folders_heard;  // of other servers

    Role role = Role::follower;
    std::optional<NodeId> leader;  // of hard.term; unset when it has reason to be thought gone
    LogIndex commit;               // <= log.last_index(), never goes back
    bool log_has_room = true;
    StateMark state_mark;    // the newest of its state machine
    bool is_trusted = true;  // which agrees with that of the others, as far as is known
    std::optional<Contradiction> contradiction;  // between the log and what a leader says

    std::optional<SnapshotInfo> snapshot;  // the newest that counts; reaches to log.first_index()
    std::optional<Incoming> incoming;      // not of leaders; of an entry after commit

    // The log's writes. durable_index: our own log is durable up to here, as it is now.
    LogWrite draft;  // what this step wants written; empty between steps
    std::uint64_t last_sequence = 0;
    std::uint64_t durable_sequence = 0;
    std::uint64_t hard_state_sequence = 0;  // the write that holds `hard`; of earlier steps
    LogIndex durable_index;
    std::deque<PendingWrite> pending_writes;

    // Timers. Times are of the monotonic clock, as the last tick or input told it.
    MonotonicMs now;
    MonotonicMs election_deadline;    // not for leaders
    MonotonicMs last_leader_contact;  // of followers
    MonotonicMs next_heartbeat;       // of leaders
    // Of the terms that others say, see admits_term() in core.cpp.
    MonotonicMs terms_paid_until;
    MonotonicMs terms_counted_at;
    std::uint64_t terms_taken = 0;
    std::uint64_t random_state = 0;

    std::vector<NodeId> connected_peers;  // those that messages can reach, as far as we know

    MonotonicMs pre_vote_start;             // pre-candidates
    Ballot ballot;                          // (pre-)candidates
    std::uint64_t self_vote_sequence = 0;   // candidates: our own vote counts once this is durable
    bool leader_transfer_election = false;  // candidates: the old leader asked for it
    std::uint32_t lost_elections = 0;       // in a row, that too few answered in time
    std::vector<Progress> followers;        // leaders: see members.hpp
    LogIndex term_start;                    // leaders: index of this term's no-op
    std::size_t uncommitted_bytes = 0;      // leaders: cost of the entries after commit
    std::optional<Transfer> transfer;       // leaders
    MonotonicMs next_look_at_priorities;    // leaders
    std::uint32_t priority_wait_ms = 0;     // leaders: grows with every handing over that failed
    Reads reads;

    Tally tally;
};

// Helpers shared by the parts.

// Uniform in [low, high].
std::uint32_t random_between(State& state, std::uint32_t low, std::uint32_t high);

// The membership that is in force here.
inline const Membership& members(const State& state) {
    return state.memberships.back().members;
}

inline bool is_majority(const State& state, std::size_t servers) {
    return servers >= majority(members(state).voters());
}

// Whether this server is a voter. In the log of a server that came back with another data folder
// there are memberships of the one that had its id before; those it was none of.
bool has_vote(const State& state);

// Whoever belongs to no cluster yet speaks to the others only if it may make one with them.
inline bool takes_part(const State& state) {
    return state.cluster != 0 || state.may_found;
}

// Nobody makes a cluster once more that exists.
inline bool may_campaign(const State& state) {
    return takes_part(state) && (state.cluster == 0 || state.log.last_index() > LogIndex(0));
}

// A leader must be able to append, its answers must be right, and its vote must count.
inline bool can_lead(const State& state) {
    return state.log_has_room && state.is_trusted && has_vote(state) && may_campaign(state);
}

bool is_connected(const State& state, NodeId id);
Progress* find_follower(State& state, NodeId id);

// Leaves at once: says nothing that rests on unsynced bytes.
void send_now(const State& state, Effects& out, NodeId to, Body body);
// Leaves once everything written so far, this step's draft included, is durable.
void send_durably(const State& state, Effects& out, NodeId to, Body body);
// Rests on term and vote alone: leaves at once unless they are not durable yet.
void send_once_term_is_durable(const State& state, Effects& out, NodeId to, Body body);

// Changes term and vote; written before anything that this step sends durably.
void set_hard_state(State& state, HardState hard);

// Appends to the log and to the draft.
void append_entry(State& state, Entry entry);
void truncate_log(State& state, LogIndex from);
// A snapshot counts from now on: the log forgets what it does not need beside it.
void mark_snapshot(State& state, const SnapshotInfo& info);

// The end of each step: what was drafted becomes a write.
void finish_draft(State& state, Effects& out);

// Raises the commit index. `index` must be within the log.
void advance_commit(State& state, LogIndex index);

}  // namespace raftkv::raft
