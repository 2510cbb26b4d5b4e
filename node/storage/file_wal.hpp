#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/storage/batch.hpp"
#include "node/storage/durable_end.hpp"
#include "node/storage/obsolete_files.hpp"
#include "node/storage/recovery.hpp"
#include "node/storage/retire.hpp"
#include "node/storage/segment.hpp"
#include "node/storage/segment_pool.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::storage {

// The log in files. Wal has the promises; the sources are split by what they do: file_wal.cpp
// opens, _write appends and syncs, _segments moves from one segment to the next, _read reads back.
class FileWal final : public Wal {
  public:
    FileWal(Disk& disk, const Identity& identity, const WalOptions& options, OpenLog log);

    // The first segment of a new log, in its place when this returns.
    Result<void> create_first_segment();

    Result<void> append(const raft::LogWrite& write) override;
    Result<void> sync() override;
    Result<void> mark_idle() override;
    Result<std::vector<raft::Entry>> read(LogIndex from, LogIndex to,
                                          std::size_t max_bytes) override;
    bool wants_segment() const override;
    Result<void> prepare_segment() override;
    bool wants_clean_up() const override;
    Result<void> clean_up() override;
    bool wants_note() const override { return durable_note_.is_behind(); }
    Result<void> note_durable() override { return durable_note_.write(); }
    std::uint64_t bytes() const override;
    std::uint64_t snapshot_bytes() const override { return snapshot_bytes_; }

  private:
    const Segment& segment() const { return segments_.back(); }

    // Where a write goes: on in this segment and the next ones, or into what is kept free.
    enum class Room { ordinary, reserve };
    Result<Room> make_room(const raft::LogWrite& write);
    std::size_t segments_needed(const raft::LogWrite& write) const;
    bool fits_in_reserve(const raft::LogWrite& write) const;
    Result<void> belong_to(std::uint64_t cluster);
    Result<void> add_all(const raft::LogWrite& write, Room room);
    Result<void> add_snapshot(const raft::SnapshotMark& mark, Room room);
    Result<void> add(const Record& record, const SharedBytes& payload, Room room);
    void put(Record record, const SharedBytes& payload);
    void put_mark();
    Result<void> flush();
    void reached_durably();
    void retire_segments();

    Result<void> next_segment();
    Result<void> start_segment(PreparedSegment prepared);
    bool is_next_due() const;

    struct Reading;
    Result<void> read_span(Reading& reading);
    const Segment& segment_at(std::uint64_t sequence) const;
    std::uint64_t end_of(const Segment& in) const;
    Result<File*> file_of(const Segment& in);

    // Remembers an error after which nothing about the file is known any more.
    Error broken(const Error& error);

    Disk& disk_;
    Identity identity_;
    const WalOptions options_;
    SegmentPool pool_;

    std::vector<Segment> segments_;    // without a gap; the last is written to
    std::unique_ptr<File> file_;       // of the last segment
    std::uint64_t durable_end_ = 0;    // of the records that were written and synced there
    std::uint64_t batches_ = 0;        // to this file, since this log was opened
    std::uint64_t batched_bytes_ = 0;  // of those
    Batch batch_;                      // the records after that
    std::uint64_t last_sum_ = 0;       // of the last record in the last segment, batch_ included
    bool marked_ = true;               // a record in the log says that all before it is durable

    LogSummary summary_;  // batch_ included
    EntryIndex index_;    // batch_ included
    LogIndex commit_;     // the newest that is known; summary_ has what is in the log
    LogIndex readable_;   // the last entry that is durable

    std::uint64_t snapshot_bytes_ = 0;               // of the one that counts
    std::optional<SnapshotRecord> snapshot_record_;  // not yet durable
    ObsoleteFiles obsolete_;
    DurableEndFile durable_note_;

    std::unique_ptr<File> old_file_;  // the older segment that was read last
    std::uint64_t old_sequence_ = 0;

    std::atomic<bool> next_is_due_ = false;  // enough is used that a next segment is wanted soon
    std::optional<Error> broken_;
};

}  // namespace raftkv::storage
