#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/raft/effects.hpp"
#include "node/raft/restored.hpp"
#include "node/raft/types.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/state_sink.hpp"

// The write-ahead log of one node: entries, term and vote, truncations, and from which snapshot on
// it counts. README.md of this folder has the format. No threads, no clock: the caller decides when
// to write and when to sync.

namespace raftkv::storage {

// Whose log this is. A folder of another node, or of a configuration with another "ClusterId", is
// refused (kind usage).
struct Identity {
    // Of the cluster, when the folder is new; one that is not knows its own. 0: of none yet.
    std::uint64_t cluster_id = 0;
    std::uint64_t config_id = 0;  // "ClusterId" of the configuration; 0: it has none
    NodeId node_id;
    // The name of the folder when it is new: a random number, not 0. So nobody takes an empty
    // folder for that of a node that has lost its disk.
    std::uint64_t new_folder = 0;
};

struct WalOptions {
    // Size of new segments: a multiple of 8, at least 5 KiB, and large enough that the largest
    // entry fits (its payload, 4 KiB, and a sixteenth). The first one of a log has 1 MiB at
    // most, and segments of any size remain readable.
    std::uint64_t segment_bytes = 16u << 20;
    // Where so much is written between two syncs, on the average, the next segment is not filled
    // with zeros but only reserved, if the disk can do that. Without zeros three nodes on one ext4
    // took 0.4 to 0.6 of the small writes (some 5 KiB a sync), as many with 100 KiB, and 1.2 to 1.6
    // times those of 500 KiB.
    std::uint64_t large_batch_bytes = 128u << 10;
    // The snapshot that counts is not loaded, and its file may be missing or damaged: the caller
    // brings another one, of the same entry or a later one, before anything else.
    bool brings_snapshot = false;
};

// What a log had to say at start.
struct Recovered {
    raft::Restored state;
    std::uint64_t cluster_id = 0;  // 0: of none, as far as the identity tells
    std::uint64_t config_id = 0;   // of the folder
    std::uint64_t folder = 0;
    // Not empty: a torn tail of a crash was cut off and kept aside; what and where, for the log.
    std::string repaired;
};

class Wal {
  public:
    // Opens or creates the log in `disk`. `sink` is given the snapshot that counts, if one does,
    // and each entry after it that the log knows to be committed, in order, while reading (so a
    // log larger than memory can be replayed); it may be told to begin again. Snapshots that do
    // not count are removed. Fails with kind corrupt (file, offset and index named, nothing
    // changed), usage (a folder of another node or cluster, or of an older program) or io/no_space.
    static Result<std::unique_ptr<Wal>> open(Disk& disk, const Identity& identity,
                                             const WalOptions& options, StateSink& sink,
                                             Recovered& recovered);
    virtual ~Wal() = default;

    // Queues a write; nothing is promised before the next sync() returns. Fails with no_space when
    // the segment is full and no next one could be prepared: nothing of the write was taken, and
    // it may be offered again. A write without entries (term, vote, truncation) finds room all the
    // same: a sixteenth of each segment is kept free for them (20,000 in one of 16 MiB).
    // May write and sync earlier writes when a segment is full; kind io then ends the process.
    // With a snapshot, its file must be in its place, and stay there until a newer one counts.
    virtual Result<void> append(const raft::LogWrite& write) = 0;
    // Makes everything appended so far durable: one write and one sync.
    virtual Result<void> sync() = 0;
    // For when nothing was synced for some 10 ms: notes, in the log and durably, that the last
    // batch was synced, so that damage to it can no longer pass for the torn tail of a crash.
    // Free when that is noted already.
    virtual Result<void> mark_idle() = 0;

    // Entries [from, to] as they are now, at most max_bytes of payload but at least one; those
    // appended but not yet synced are not there. None when entry `from` is gone.
    virtual Result<std::vector<raft::Entry>> read(LogIndex from, LogIndex to,
                                                  std::size_t max_bytes) = 0;

    // The next segment is prepared ahead. True when it is time to do so. Any thread.
    virtual bool wants_segment() const = 0;
    // Makes a next segment, durable, of zeros that are written or of space that is reserved, under
    // a temporary name; may run on another thread than the rest, beside append and sync.
    virtual Result<void> prepare_segment() = 0;

    // Once a snapshot counts, older ones and the segments that it makes superfluous are removed,
    // which may take a while. True when there are such files. Any thread.
    virtual bool wants_clean_up() const = 0;
    // Removes them; may run on another thread than the rest, beside append and sync. They count
    // for nothing any more, so it does not matter if the process ends before it is done.
    virtual Result<void> clean_up() = 0;

    // How far the log is durable is noted in a file of its own, so that a log whose end was lost is
    // refused at the next start: by itself when a segment begins, before anything in it is told of;
    // and by note_durable(), for now and then, for when nothing was written for a while, and for
    // the end. Any thread.
    virtual bool wants_note() const = 0;
    // May run on another thread than the rest, beside append and sync.
    virtual Result<void> note_durable() = 0;

    // Bytes of all segments that are there, and of the snapshot that counts.
    virtual std::uint64_t bytes() const = 0;
    virtual std::uint64_t snapshot_bytes() const = 0;
};

}  // namespace raftkv::storage
