#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol/request.hpp"
#include "common/strong_types.hpp"
#include "node/raft/effects.hpp"
#include "node/replica/ports.hpp"

namespace raftkv::replica {

struct WaitingRead {
    ClientToken client;
    // The last entry that was proposed before it came; while it gathers: how many proposals of the
    // turn came before it.
    LogIndex position;
    std::uint32_t key_start = 0;
    std::uint8_t key_bytes = 0;
    protocol::Op op = protocol::Op::get;
    bool behind_writes = false;  // of its own connection: must see them
    // Of its own connection a write came in the same turn, and is answered behind it or before it:
    // the client gets no further before that entry is committed, which confirms the read, too.
    bool beside_write = false;
    bool goes_with_writes() const { return behind_writes || beside_write; }
    bool late = false;  // met a key past its end that the log does not know of yet
    bool answered = false;
};

// Reads that are confirmed together: they arrived in one turn. In the order in which they came, and
// so of their positions.
struct ReadBatch {
    std::uint64_t id = 0;
    bool confirmed = false;
    LogIndex index;       // confirmed: those with no write can be answered once this is applied
    LogIndex last_write;  // the last entry before the end of its turn
    // Some of them came without writes, and would wait for no good reason until that is committed.
    bool needs_round = false;
    std::string keys;
    std::vector<WaitingRead> reads;
    std::size_t placed = 0;  // those before it have their positions
    std::size_t first = 0;   // those before it are answered
    std::size_t passed = 0;  // of those before it, whoever is not answered waits for an entry
    LogIndex late_until;     // for this one, if it is late

    void add(ClientToken client, const protocol::Request& request, LogIndex position,
             bool behind_writes);
    protocol::Request request(const WaitingRead& read) const;
    std::size_t bytes() const { return keys.size() + reads.size() * sizeof(WaitingRead); }
    bool is_over() const { return first == reads.size(); }

    // Of a confirmed batch: the next read that can be answered from a state that has applied so
    // much; nullptr when there is none. Leaves others behind, so ask until it says so.
    WaitingRead* answerable(LogIndex applied);
    void answered(WaitingRead& read);
    // The read waits until the log has the end of its key: with the entry after its position, or
    // with `tick`, if it has come after that.
    void is_late(WaitingRead& read, LogIndex tick);
};

// Reads on their way to being answered. There are two ways:
//  - leadership is confirmed, and all that must be seen is applied. A round of heartbeats confirms
//    it; or the commit of an entry that was proposed in the turn in which the read came, where
//    nobody would gain by a round: where all reads came with writes of their own connections;
//  - the entry after the read's position is committed, in the term in which the read came. That is
//    a confirmation, too: a majority took an entry from this leader after the read had come. Then
//    the read is answered just before that entry is applied: it must be where that is the next
//    write of the same connection, and otherwise where there is time.
class ReadBatches {
  public:
    // The batch that this turn's reads go into.
    ReadBatch& gathering() { return gathering_; }
    // The proposals of the turn, which came from `writers`, go into the log behind `last`: the
    // reads between them get their positions.
    void place(LogIndex last, const std::vector<ClientToken>& writers);
    // Ends the gathering. There must be some, and all must have their positions. Returns the id by
    // which to ask the core to confirm them; nothing when an entry of this turn will do that.
    std::optional<std::uint64_t> begin();
    void confirmed(const raft::ReadReady& ready);
    // All up to here is applied, by a leader in the term in which these reads came.
    void confirmed_up_to(LogIndex applied);

    // A confirmed batch in which some can be answered; nullptr when there is none.
    ReadBatch* answerable(LogIndex applied);
    // The batch whose first read came before this entry, and may be answered before it is applied;
    // nullptr when there is none.
    ReadBatch* due_before(LogIndex entry);
    // Likewise, of the connection whose write that entry is: such a read must be answered before.
    struct Due {
        ReadBatch* batch;
        WaitingRead* read;
    };
    std::optional<Due> due_before(LogIndex entry, std::uint64_t session);
    // No read need be answered before this entry, but before the one after it.
    void move_behind(LogIndex entry);
    // False when that was the last of the batch, which may be gone then.
    bool answered(ReadBatch& batch, WaitingRead& read);

    // What gathers, and everything that is not answered yet besides, oldest first.
    ReadBatch take_gathering();
    std::vector<ReadBatch> take_all();

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    std::size_t bytes() const { return bytes_; }

  private:
    void drop_answered();

    ReadBatch gathering_, spare_;
    std::deque<ReadBatch> batches_;  // ascending ids and positions
    std::size_t confirmed_ = 0;      // of them, those that are and are not over
    std::uint64_t last_id_ = 0;
    std::size_t size_ = 0;   // of batches_: reads that are not answered
    std::size_t bytes_ = 0;  // of batches_
};

}  // namespace raftkv::replica
