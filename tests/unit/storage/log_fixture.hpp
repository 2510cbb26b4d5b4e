#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "node/raft/effects.hpp"
#include "node/raft/types.hpp"
#include "node/storage/disk.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::storage {

constexpr std::uint64_t small_segment = 5u << 10;  // about eight short entries

// How segments are made: of zeros that are written; or of space that is only reserved, as for large
// batches, where the disk can do that.
enum class Segments { filled, reserved };
std::ostream& operator<<(std::ostream& out, Segments segments);
constexpr Identity test_identity{
    .cluster_id = 0x1234, .config_id = 0x1234, .node_id = NodeId(2), .new_folder = 0xf01d};

// An entry that can be compared and printed.
struct PlainEntry {
    std::uint64_t index = 0;
    std::uint64_t term = 0;
    raft::EntryKind kind = raft::EntryKind::noop;
    std::string payload;

    bool operator==(const PlainEntry&) const = default;
};
std::ostream& operator<<(std::ostream& out, const PlainEntry& entry);
PlainEntry plain(const raft::Entry& entry);
std::vector<PlainEntry> plain_all(const std::vector<raft::Entry>& entries);

// All that a log must not forget.
struct LogContent {
    raft::HardState hard_state;
    raft::SnapshotId snapshot;        // index 0: none
    std::vector<PlainEntry> entries;  // those after the snapshot

    std::uint64_t last_index() const;
    std::uint64_t last_term() const;

    bool operator==(const LogContent&) const = default;
};
std::ostream& operator<<(std::ostream& out, const LogContent& content);

// An open log, with all that it said when it was opened.
struct OpenedLog {
    std::unique_ptr<Wal> wal;
    Recovered recovered;
    std::optional<raft::SnapshotId> snapshot;
    std::vector<std::string> chunks;  // of the snapshot
    std::vector<raft::Entry> committed;

    LogContent content() const;
};
Result<OpenedLog> try_open(Disk& disk, std::uint64_t segment_bytes = small_segment,
                           const Identity& identity = test_identity,
                           Segments segments = Segments::filled);
// Ends the test, by an exception, when the log does not open.
OpenedLog open_log(Disk& disk, std::uint64_t segment_bytes = small_segment,
                   Segments segments = Segments::filled);

std::string newest_segment(Disk& disk);

raft::Entry command(std::uint64_t index, std::uint64_t term, std::string_view payload);
raft::Entry noop(std::uint64_t index, std::uint64_t term);
raft::LogWrite entries(std::vector<raft::Entry> entries, std::uint64_t commit = 0);
raft::LogWrite vote(std::uint64_t term, std::optional<std::uint32_t> voted_for);
raft::LogWrite replace(std::uint64_t from, std::vector<raft::Entry> entries_after);
// The snapshot counts, and entries from `first_kept` on are kept.
raft::LogWrite snapshot(std::uint64_t index, std::uint64_t term, std::uint64_t first_kept);

// Puts the file of a snapshot in its place: its chunks say whose it is, and nothing else.
Result<void> place_snapshot(Disk& disk, const raft::SnapshotId& id);

// A log that is a few vectors: what it says after each part of each write.
class LogModel {
  public:
    LogModel() : steps_(1) {}

    void append(const raft::LogWrite& write);
    // Everything appended so far must not be lost any more.
    void sync() { synced_ = steps_.size() - 1; }
    // The log was opened and says this: it must be one of the steps that it may be at. What came
    // after it never was. Explains what is wrong, if anything is.
    std::string restart(const OpenedLog& opened);

    const LogContent& now() const { return steps_.back().content; }
    std::uint64_t last_index() const { return now().last_index(); }
    std::uint64_t commit() const { return commit_; }
    std::uint64_t last_term() const { return now().last_term(); }
    // The term of an entry after the snapshot.
    std::uint64_t term_at(std::uint64_t index) const;

  private:
    struct Step {
        LogContent content;
        std::uint64_t void_before = 1;  // earlier entries must not be there
        std::uint64_t kept_from = 1;    // these must
    };
    void take_snapshot(const raft::SnapshotMark& mark, Step& step);
    std::string check_old_entries(const OpenedLog& opened) const;

    std::vector<Step> steps_;
    std::size_t synced_ = 0;
    std::uint64_t commit_ = 0;
    std::map<std::uint64_t, PlainEntry> snapshotted_;  // entries that are in some snapshot
};

// Whether the log can be read from its first entry on, and is what was recovered, term by term.
std::string check_readable(const OpenedLog& opened);

}  // namespace raftkv::storage
