#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/claim.hpp"
#include "node/raft/contradiction.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/log.hpp"
#include "node/raft/member_change.hpp"
#include "node/raft/membership.hpp"
#include "node/raft/message.hpp"
#include "node/raft/options.hpp"
#include "node/raft/progress.hpp"
#include "node/raft/restored.hpp"
#include "node/raft/role.hpp"
#include "node/raft/transfer_start.hpp"

// The consensus core: Raft (Ongaro's thesis) as a deterministic machine. Every input is a method
// that appends what it wants done to `Effects`; nothing else happens. No I/O, clock, thread or
// chance: time is what set_time() says, and the election timers' randomness comes from a seed.
//
// The owner carries effects out so that
//  - writes become durable in the order of their sequence, each answered by persisted(),
//  - a DurableEnvelope leaves only after its write is durable,
//  - committed entries are applied in order, up to commit().

namespace raftkv::raft {

struct State;
struct Tally;

class Core {
  public:
    Core(Options options, const Restored& restored, MonotonicMs now);
    ~Core();

    // Time goes on; call before other inputs. Never goes back.
    void set_time(MonotonicMs now);
    // Looks whether a timer has run out. A few milliseconds apart is fine.
    void tick(Effects& out);

    void receive(NodeId from, const Message& message, Effects& out);
    // Messages can, or can no longer, reach a peer. The end of the leader's connection starts an
    // election at once.
    void peer_connected(NodeId peer, Effects& out);
    void peer_disconnected(NodeId peer, Effects& out);
    // Every LogWrite up to `sequence` is durable.
    void persisted(std::uint64_t sequence, Effects& out);
    void entries_fetched(NodeId follower, std::vector<Entry> entries, Effects& out);
    void log_has_room(bool room, Effects& out);

    // What the owner's state machine came to; told to the others, and theirs are peer_marks.
    void state_reached(const StateMark& mark);
    // The owner's state machine is the odd one out: whoever has it must not lead.
    void distrust_state(bool distrust, Effects& out);
    // Leaders: the follower's is.
    void tell_that_it_differs(NodeId follower, bool differs);

    // The owner took a snapshot of its state after entry info.id.index, which is applied and still
    // in the log; its file is in its place.
    void snapshot_taken(const SnapshotInfo& info, Effects& out);
    // Answers a SnapshotFetch. No bytes: the snapshot is gone.
    void snapshot_fetched(const SnapshotFetch& fetch, SharedBytes bytes, Effects& out);
    // Answers SnapshotPieces: the file that is being received is there up to `bytes`.
    void snapshot_stored(const SnapshotId& id, std::uint64_t bytes, Effects& out);
    // It could not be stored, or what came is damaged: from the beginning, when the leader asks.
    void snapshot_lost(const SnapshotId& id);
    // All of it came, is in its place and is loaded. True when this server goes on from it; the
    // owner's state is then that of the snapshot. False when it has more by now.
    bool install_snapshot(const SnapshotInfo& info, Membership members, Effects& out);
    // Begins to hand leadership to `target`, or to the most advanced follower, and says whether it
    // did. What does not come about within an election timeout is given up.
    TransferStart transfer_leadership(std::optional<NodeId> target, Effects& out);

    // Begins to change who belongs to the cluster, and says whether it did: the change is made once
    // the entry at members_index() is committed.
    ChangeStart change_members(const MemberChange& change, Effects& out);
    // Which data folder a server has.
    void folder_heard(const MemberFolder& heard, Effects& out);

    // Whether a server that belongs to no cluster may take part in making one. While it may not it
    // gives no votes and takes nothing from anybody.
    void allow_founding(bool allowed);
    // It belongs to no cluster yet, and does to this one from now on: as one that has to be told
    // who the members are before it votes. What it has of another that was never made is dropped.
    void join_cluster(std::uint64_t cluster, Effects& out);
    Claim claim() const;

    // The log index of the first payload; the others follow it. Nothing when this server takes no
    // proposals now (takes_proposals() tells beforehand).
    std::optional<LogIndex> propose(std::span<const SharedBytes> payloads, Effects& out);
    bool takes_proposals() const;
    // Leadership is about to be another server's; proposals will be its to take.
    bool handing_over() const;
    // Whom leadership is being handed to. Proposals may still be taken.
    std::optional<NodeId> transfer_target() const;

    // A linearizable read: comes back in reads_ready or reads_dropped. begin_reads() asks for the
    // confirmation of all reads that gathered.
    void read(std::uint64_t read_id, Effects& out);
    void begin_reads(Effects& out);

    // Everything up to here is applied: older entries may leave memory.
    void applied(LogIndex index);

    // Who belongs to the cluster: the membership that is in force here, committed or not, and the
    // entry that brought it (0: the first one). members_changes() grows whenever it is another.
    const Membership& members() const;
    LogIndex members_index() const;
    std::uint64_t members_changes() const;
    // As of the last entry that is applied.
    const MembershipAt& applied_members() const;

    Role role() const;
    Term term() const;
    // The leader of this term, unless it is unknown or has reason to be thought gone.
    std::optional<NodeId> leader() const;
    // What the leader says that cannot be true beside what is durable here.
    std::optional<Contradiction> contradiction() const;
    LogIndex commit() const;
    LogIndex durable_index() const;
    // Leaders: where their term starts. Once it is applied, the state machine has seen everything
    // that was ever acknowledged.
    LogIndex term_start() const;
    const Log& log() const;
    const std::vector<Progress>& followers() const;  // empty unless this server leads
    const Tally& tally() const;
    bool has_room() const;
    // The newest snapshot that counts.
    const std::optional<SnapshotInfo>& snapshot() const;
    // A follower is being sent it: best not replaced now.
    bool is_sending_snapshot() const;
    // The snapshot that comes in, and how much of it is there: its `bytes` is of the whole.
    std::optional<SnapshotInfo> incoming_snapshot() const;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace raftkv::raft
