#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "common/protocol/reply.hpp"
#include "node/kv/cluster_clock.hpp"
#include "node/raft/core.hpp"
#include "node/replica/held_commands.hpp"
#include "node/replica/proposal_batch.hpp"
#include "node/replica/read_batches.hpp"
#include "node/replica/replica.hpp"

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

struct Replica::Impl {
    Impl(const Options& replica_options, raft::Restored restored, kv::Store restored_store,
         const Ports& replica_ports);

    Options options;
    Ports ports;
    raft::Core core;
    kv::Store store;
    raft::Effects effects;
    LogIndex applied;  // <= core.commit()

    // Set while this replica leads and has applied the first entry of its term, so that its state
    // machine has seen all that was ever acknowledged: only then it takes commands.
    std::optional<kv::ClusterClock> clock;
    Term serving_term;

    ProposalBatch proposals;           // of this turn
    std::deque<PendingWrite> pending;  // ascending indexes
    std::size_t pending_bytes = 0;
    ReadBatches reads;
    HeldCommands held;
    std::vector<Answer> answers;  // leave at the end of the turn
    LogIndex tick_index;          // the last tick proposed; under way while > applied
    ClusterMs tick_stamp;

    std::deque<raft::DurableEnvelope> waiting_for_disk;
    std::uint64_t durable_sequence = 0;

    Counters counters;

    bool serving() const { return clock.has_value(); }
    bool accepts_commands() const { return serving() && !core.handing_over(); }
    ClusterMs cluster_now();
    std::size_t waiting_bytes() const;

    // Commands of clients (commands.cpp).
    void count(const protocol::Request& request);
    void route(ClientToken client, const protocol::Request& request);
    void take_write(ClientToken client, const protocol::Request& request);
    void hold(ClientToken client, const protocol::Request& request);
    void release_held();
    void give_up_on_held();
    void answer(ClientToken client, protocol::ReplyKind kind);
    bool propose_tick(ClusterMs stamp);
    void flush_proposals();
    void flush_reads();
    void answer_reads();
    void answer_batch(const ReadBatch& batch);
    void hold_again(const ReadBatch& batch);

    // Consensus and the state machine (replica.cpp).
    void carry_out_effects();
    void apply_committed();
    void apply(const raft::Entry& entry);
    void follow_leadership();
    void stop_serving();
};

}  // namespace raftkv::replica
