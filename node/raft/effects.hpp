#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/message.hpp"
#include "node/raft/types.hpp"

// What the consensus core wants done. It does nothing itself.

namespace raftkv::raft {

struct Envelope {
    NodeId to;
    Message message;
};

// The snapshot's file is in its place, and counts from now on. Entries before `first_kept` are not
// needed any more. If the log does not hold entry id.index of id.term it is void as a whole, and
// goes on after id.index.
struct SnapshotMark {
    SnapshotId id;
    LogIndex first_kept;  // <= id.index + 1
};

// One unit of work for the log, to be made durable in the order of `sequence`. Parts apply in the
// order of the fields. When it is durable, Persisted{sequence} goes back to the core.
struct LogWrite {
    std::uint64_t sequence = 0;
    std::optional<HardState> hard_state;
    std::optional<SnapshotMark> snapshot;
    std::optional<LogIndex> truncate_from;  // this entry and all later ones are void
    std::vector<Entry> entries;             // contiguous, following what is left
    LogIndex commit;  // known committed at this time; a hint that shortens recovery
    // The log belongs to this cluster from now on, for good. Noted before anything else.
    std::optional<std::uint64_t> cluster = {};
};

// A message that claims durability: it may leave once LogWrite `after_sequence` is durable.
struct DurableEnvelope {
    std::uint64_t after_sequence = 0;
    Envelope envelope;
};

// The read was confirmed: answer it once everything up to `index` is applied.
struct ReadReady {
    std::uint64_t read_id = 0;
    LogIndex index;
};

// A follower needs entries that are no longer in memory: read them from the log, from `from` on,
// at most `max_bytes` but at least one, and give them back as EntriesFetched.
struct EntryFetch {
    NodeId follower;
    LogIndex from;
    LogIndex to;  // the last one wanted
    std::size_t max_bytes = 0;
};

// A follower needs a piece of a snapshot's file: read at most `max_bytes` at `offset`, and give
// them back to snapshot_fetched().
struct SnapshotFetch {
    NodeId follower;
    SnapshotId id;
    std::uint64_t offset = 0;
    std::size_t max_bytes = 0;
};

// A piece of a snapshot came in. Pieces come in order; at offset 0 a file begins, and any other
// that was being received is given up. After the last one the owner verifies and loads the whole.
struct SnapshotPiece {
    SnapshotInfo snapshot;
    std::uint64_t offset = 0;
    SharedBytes bytes;
};

// What the state machine of another server came to.
struct PeerMark {
    NodeId peer;
    StateMark mark;
};

// Collected over any number of steps; the shell carries them out and clears them. A step appends.
struct Effects {
    std::vector<Envelope> send_now;
    std::vector<LogWrite> writes;
    std::vector<DurableEnvelope> send_after_persist;
    std::vector<ReadReady> reads_ready;
    std::vector<std::uint64_t> reads_dropped;  // leadership was lost; ask whoever leads now
    std::vector<EntryFetch> fetches;
    std::vector<SnapshotFetch> snapshot_fetches;
    std::vector<SnapshotPiece> snapshot_pieces;
    std::vector<PeerMark> peer_marks;  // ours must agree with these
    bool told_to_differ = false;       // the leader says that our state is the odd one out

    void clear() {
        send_now.clear();
        writes.clear();
        send_after_persist.clear();
        reads_ready.clear();
        reads_dropped.clear();
        fetches.clear();
        snapshot_fetches.clear();
        snapshot_pieces.clear();
        peer_marks.clear();
        told_to_differ = false;
    }
};

}  // namespace raftkv::raft
