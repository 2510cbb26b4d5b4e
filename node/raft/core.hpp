#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/log.hpp"
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
    Core(Options options, Restored restored, MonotonicMs now);
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
    // Begins to hand leadership to `target`, or to the most advanced follower, and says whether it
    // did. What does not come about within an election timeout is given up.
    TransferStart transfer_leadership(std::optional<NodeId> target, Effects& out);

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

    Role role() const;
    Term term() const;
    // The leader of this term, unless it is unknown or has reason to be thought gone.
    std::optional<NodeId> leader() const;
    LogIndex commit() const;
    LogIndex durable_index() const;
    // Leaders: where their term starts. Once it is applied, the state machine has seen everything
    // that was ever acknowledged.
    LogIndex term_start() const;
    const Log& log() const;
    const std::vector<Progress>& followers() const;  // empty unless this server leads
    const Tally& tally() const;
    bool has_room() const;

  private:
    std::unique_ptr<State> state_;
};

}  // namespace raftkv::raft
