#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/protocol/request.hpp"
#include "common/strong_types.hpp"
#include "node/kv/store.hpp"
#include "node/raft/claim.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/member_change.hpp"
#include "node/raft/membership.hpp"
#include "node/raft/message.hpp"
#include "node/raft/options.hpp"
#include "node/raft/restored.hpp"
#include "node/raft/transfer_start.hpp"
#include "node/replica/ports.hpp"
#include "node/replica/snapshot_due.hpp"
#include "node/replica/status.hpp"

// One replica: the consensus core, the state machine and the clients that wait for them. It joins
// pure parts and carries out their effects, in the right order, over ports. One thread, no I/O.
//
// Inputs only gather; end_of_turn() makes one batch of all that gathered and carries the effects
// out. So the owner calls any number of inputs and then end_of_turn() once.

namespace raftkv::replica {

// What a snapshot holds.
struct LoadedSnapshot {
    kv::Store store;
    std::optional<raft::Membership> members;  // nothing: the first ones
};

// By how much the cluster's clock is ahead of those of this machine, as an earlier process on it
// knew.
struct ClockOffsets {
    std::optional<std::int64_t> ahead_of_boot_us;  // nothing: it is not known
    std::int64_t ahead_of_wall_us = 0;
};

struct Options {
    raft::Options raft;
    ClockOffsets clock;
    SnapshotOptions snapshot;
    // After every so many entries replicas compare their states. The same on all servers.
    std::uint64_t state_mark_interval = 256;
    std::uint32_t hold_ms = 5000;  // how long a command waits for a leader to be known
    // Commands taken but not yet answered, in bytes; past it wants_pause() is true, and commands
    // that come all the same are refused with ERR_INTERNAL at twice that.
    std::size_t max_pending_bytes = 32u << 20;
    // How much end_of_turn() applies at most, and answers, each counted in bytes (turn_budget.hpp).
    std::size_t turn_bytes = 1u << 20;
    // How many keys past their end it removes.
    std::size_t turn_removals = 256;
};

class Replica {
  public:
    // `store` has applied everything up to `restored.commit`.
    Replica(const Options& options, const raft::Restored& restored, kv::Store store,
            const Ports& ports);
    ~Replica();

    // A well-formed command; its views need to be valid only during the call. Answered exactly
    // once through ClientPort, never from within this call. Of one session they take effect in the
    // order in which they come: a read sees none of the writes after it, and if it comes
    // `behind_writes` that are not answered yet, it sees these.
    void submit(ClientToken client, const protocol::Request& request, bool behind_writes = false);

    // A message with entries that are no commands is ignored.
    void receive(NodeId from, raft::Message message);
    void peer_connected(NodeId peer);
    void peer_disconnected(NodeId peer);
    void persisted(std::uint64_t sequence);
    void entries_fetched(NodeId follower, std::vector<raft::Entry> entries);
    // The answers of the SnapshotPort (ports.hpp).
    void snapshot_written(const raft::SnapshotInfo& info);
    void snapshot_failed();
    void snapshot_fetched(const raft::SnapshotFetch& fetch, SharedBytes bytes);
    // The file is gone, or damaged: when it is that of the snapshot which counts, another one is
    // taken in its place.
    void snapshot_unreadable(const raft::SnapshotFetch& fetch);
    void snapshot_stored(const raft::SnapshotId& id, std::uint64_t bytes);
    void snapshot_lost(const raft::SnapshotId& id);
    void snapshot_received(const raft::SnapshotInfo& info, LoadedSnapshot loaded);
    // Whether the log has room for entries (DESIGN: no space). While it has none, this replica
    // takes no writes, follows nobody further, and hands leadership over.
    void log_has_room(bool room);
    void tick();

    void end_of_turn();
    // end_of_turn() left work (it bounds how much it does): call it again soon.
    bool wants_turn() const;
    // Too much is pending: stop reading from clients until this is false.
    bool wants_pause() const;

    // Begins to hand leadership to `target`, or to the most advanced follower: the polite end.
    // Whether it comes about shows in standing().
    raft::TransferStart transfer_leadership(std::optional<NodeId> target);

    // Has a snapshot taken of what is applied by now, unless there is one, and gives the index of
    // that entry. Whether it is there shows in status(); nothing when the state is not to be had.
    std::optional<LogIndex> want_snapshot();

    // Who belongs to the cluster, as far as is known here: the membership that is in force,
    // committed or not; the entry that brought it (0: the first); and how often it became another.
    const raft::Membership& members() const;
    LogIndex members_index() const;
    // As of the last entry that is applied: what nobody will undo.
    const raft::MembershipAt& applied_members() const;
    std::uint64_t members_changes() const;
    // Begins to change it, and says whether it did. The change is made once the entry that is then
    // members_index() is committed.
    raft::ChangeStart change_members(const raft::MemberChange& change);
    // Which data folder another server has, as it said itself.
    void folder_heard(const raft::MemberFolder& heard);

    // Which cluster it belongs to. While it is none: whether it may take part in making one, and
    // that it belongs to one that the others have (raft/core.hpp).
    raft::Claim claim() const;
    void allow_founding(bool allowed);
    void join_cluster(std::uint64_t cluster);

    Standing standing() const;
    Indexes indexes() const;
    Status status() const;
    const kv::Store& store() const;
    // The cluster's clock now, as far as it can be told here.
    ClusterMs cluster_time() const;
    // Nothing while it is not known for sure: what is kept is believed.
    std::optional<ClockOffsets> clock_offsets() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::replica
