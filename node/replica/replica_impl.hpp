#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/protocol/reply.hpp"
#include "node/kv/clock_readings.hpp"
#include "node/kv/cluster_clock.hpp"
#include "node/raft/core.hpp"
#include "node/replica/held_commands.hpp"
#include "node/replica/proposal_batch.hpp"
#include "node/replica/read_batches.hpp"
#include "node/replica/replica.hpp"
#include "node/replica/snapshot_pace.hpp"
#include "node/replica/state_marks.hpp"
#include "node/replica/turn_budget.hpp"

namespace raftkv::replica {

// A client's write that is in the log and not applied yet.
struct PendingWrite {
    LogIndex index;
    Term term;  // the entry at `index` is ours only if it is of this term
    ClientToken client;
    std::size_t bytes = 0;
};

struct Answer {
    ClientToken client;
    protocol::Reply reply;  // without a value
};

// A snapshot of our own that is being taken.
struct Taking {
    raft::SnapshotId id;
    SnapshotPace pace;
    std::uint64_t log_bytes = 0;  // of log_bytes_since_snapshot, those that it covers
    bool read_out = false;        // all of it is with the port
};

struct Replica::Impl {
    Impl(const Options& replica_options, const raft::Restored& restored, kv::Store restored_store,
         const Ports& replica_ports);

    Options options;
    Ports ports;
    raft::Core core;
    kv::Store store;
    raft::Effects effects;
    std::uint64_t cluster = 0;  // as the snapshots were told
    LogIndex applied;           // <= core.commit()

    // While this replica leads, has applied the first entry of its term, so that its state machine
    // has seen all that was ever acknowledged, and knows the cluster's clock: only then it takes
    // commands.
    bool is_serving = false;
    Term serving_term;
    kv::ClusterClock clock;
    kv::ClockReadings readings;               // of the others, while ours is not sure
    std::optional<BootUs> asks_clocks_since;  // as a leader that could serve if it were

    ProposalBatch proposals;           // of this turn
    std::deque<PendingWrite> pending;  // ascending indexes
    std::size_t pending_bytes = 0;
    ReadBatches reads;
    HeldCommands held;
    std::deque<Answer> answers;  // leave at the end of the turn, or of one of the next
    LogIndex tick_index;         // the last tick proposed; under way while > applied
    ClusterMs tick_stamp;

    TurnBudget applying, answering;

    StateMarks marks;
    raft::StateMark known_state;  // the newest hash that was at hand
    bool distrusted = false;      // our state is the odd one out
    LogIndex distrusted_since;    // the last entry after which that was seen
    // What a leader came to, and whether it says that ours is the odd one out.
    struct Told {
        raft::StateMark mark;
        bool differs = false;
    };
    std::deque<raft::StateMark> own_marks;  // the last of them
    std::optional<Told> not_reached;        // the last word, about an entry that is still to come
    bool removed = false;                   // this folder belongs to no member any more

    std::optional<Taking> taking;                // store.has_snapshot() until it is read out
    std::uint64_t log_bytes_since_snapshot = 0;  // of the entries applied since the last one
    LogIndex snapshot_wanted;                    // by somebody, of this entry or a later one
    MonotonicMs next_snapshot;                   // not before
    // The one that counts, when its file turned out to be gone or damaged.
    std::optional<LogIndex> unreadable_snapshot;

    std::deque<raft::DurableEnvelope> waiting_for_disk;
    std::uint64_t durable_sequence = 0;

    Counters counters;

    bool serving() const { return is_serving; }
    // A message of the same turn may have ended the leadership, which serving() hears of later.
    bool leads() const { return core.role() == raft::Role::leader && core.term() == serving_term; }
    bool accepts_commands() const {
        return serving() && leads() && !core.handing_over() && !distrusted;
    }
    std::size_t waiting_bytes() const;

    // The cluster's clock (clock.cpp).
    ClusterMs cluster_now() const;
    ClusterUs best_time() const;
    ClusterMs likely_time() const;
    ClusterUs wall_time() const;
    raft::ClockReading clock_reading() const;
    void ask_clock(const raft::Message& message);
    void hear_clock(NodeId from, const raft::Message& message);
    bool know_clock();

    // Commands of clients (commands.cpp).
    void count(const protocol::Request& request);
    void route(ClientToken client, const protocol::Request& request, bool behind_writes);
    void take_write(ClientToken client, const protocol::Request& request);
    void hold(ClientToken client, const protocol::Request& request, bool behind_writes = false);
    bool releases_held() const;
    void release_held();
    void give_up_on_held();
    void answer(ClientToken client, protocol::ReplyKind kind);
    bool propose_tick(ClusterMs stamp);
    void flush_proposals();
    void hold_proposals(const std::vector<SharedBytes>& commands);
    void flush_reads();
    void answer_reads();
    void answer_confirmed(ReadBatch& batch);
    void answer_reads_before(const raft::Entry& entry);
    void answer_read(const WaitingRead& read, const std::optional<kv::Item>& item);
    void take_back_reads();
    void put_back(const ReadBatch& batch, const WaitingRead& read);
    void send_answers();

    // Consensus and the state machine (replica.cpp).
    void send(raft::Envelope& envelope);
    void carry_out_effects();
    void apply_committed();
    void apply(const raft::Entry& entry);
    void remove_past_end();
    void follow_leadership();
    void mark_state();
    void compare_states(bool told_to_differ, const std::vector<raft::PeerMark>& heard);
    void hold_against(const Told& told);
    void distrust(bool odd);
    void stop_serving();
    void look_whether_removed();

    // Snapshots (snapshots.cpp).
    bool snapshot_is_due() const;
    int chunks_to_read() const;
    bool snapshot_can_go_on() const;
    void start_snapshot();
    void go_on_with_snapshot();
    void give_up_snapshot();
    void discard(const raft::SnapshotId& id);
    SnapshotStatus snapshot_status() const;
    void install(const raft::SnapshotInfo& info, kv::Store loaded);
};

}  // namespace raftkv::replica
