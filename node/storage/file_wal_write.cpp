#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "node/storage/file_wal.hpp"
#include "node/storage/identity.hpp"
#include "node/storage/record.hpp"
#include "node/storage/snapshot_format.hpp"

namespace raftkv::storage {

namespace {

Record hard_state_record(const raft::HardState& hard_state) {
    Record record;
    record.kind = RecordKind::hard_state;
    record.hard_state = hard_state;
    return record;
}

Record truncate_record(LogIndex from, Term term_before) {
    Record record;
    record.kind = RecordKind::truncate;
    record.index = from;
    record.term = term_before;
    return record;
}

Record snapshot_record(const raft::SnapshotId& id, bool voids_log) {
    Record record;
    record.kind = RecordKind::snapshot;
    record.index = id.index;
    record.term = id.term;
    record.voids_log = voids_log;
    return record;
}

SharedBytes snapshot_payload(LogIndex first_kept) {
    std::string bytes;
    put(bytes, first_kept.value());
    return SharedBytes::copy_of(bytes);
}

Record entry_record(const raft::Entry& entry) {
    Record record;
    record.kind = RecordKind::entry;
    record.entry_kind = entry.kind;
    record.index = entry.index;
    record.term = entry.term;
    return record;
}

}  // namespace

Result<void> FileWal::append(const raft::LogWrite& write) {
    if (broken_) {
        return *broken_;
    }
    auto room = make_room(write);
    if (!room) {
        return room.error();
    }
    if (write.cluster) {
        if (auto noted = belong_to(*write.cluster); !noted) {
            return noted;
        }
    }
    return add_all(write, *room);
}

// Before there is a segment whose header says so.
Result<void> FileWal::belong_to(std::uint64_t cluster) {
    identity_.cluster_id = cluster;
    if (auto written = write_identity(disk_, identity_); !written) {
        return broken(written.error());
    }
    return {};
}

// Before anything is taken there is room for all of it, so that a write is never taken by half.
Result<FileWal::Room> FileWal::make_room(const raft::LogWrite& write) {
    auto made = pool_.ensure(segments_needed(write));
    if (made) {
        return Room::ordinary;
    }
    if (made.error().kind != ErrorKind::no_space) {
        return broken(made.error());
    }
    return fits_in_reserve(write) ? Result<Room>(Room::reserve) : made.error();
}

// How often add_all() will move on to a next segment.
std::size_t FileWal::segments_needed(const raft::LogWrite& write) const {
    const std::uint64_t next_limit = entry_limit(options_.segment_bytes);
    std::uint64_t limit = entry_limit(segment().bytes);
    std::uint64_t end = durable_end_ + batch_.bytes();
    std::size_t needed = 0;
    auto count = [&](std::uint64_t payload_bytes) {
        const std::uint64_t size = record_bytes(payload_bytes);
        if (end + size > limit) {
            RAFTKV_CHECK(header_block_bytes + size <= next_limit);
            ++needed;
            end = header_block_bytes;
            limit = next_limit;
        }
        end += size;
    };
    if (write.hard_state) {
        count(0);
    }
    if (write.snapshot) {
        count(snapshot_payload_bytes);
    }
    if (write.truncate_from) {
        count(0);
    }
    for (const raft::Entry& entry : write.entries) {
        count(entry.payload.size());
    }
    return needed;
}

bool FileWal::fits_in_reserve(const raft::LogWrite& write) const {
    const std::uint64_t records = (write.hard_state ? 1 : 0) + (write.truncate_from ? 1 : 0);
    const std::uint64_t end = durable_end_ + batch_.bytes() + records * record_bytes(0) +
                              (write.snapshot ? record_bytes(snapshot_payload_bytes) : 0);
    return write.entries.empty() && end <= segment().bytes;
}

Result<void> FileWal::add_all(const raft::LogWrite& write, Room room) {
    if (write.hard_state) {
        if (auto added = add(hard_state_record(*write.hard_state), {}, room); !added) {
            return added;
        }
    }
    if (write.snapshot) {
        if (auto added = add_snapshot(*write.snapshot, room); !added) {
            return added;
        }
    }
    if (write.truncate_from) {
        const LogIndex from = *write.truncate_from;
        RAFTKV_CHECK(from > commit_ && from <= summary_.last_index() + 1);
        const Record record = truncate_record(from, summary_.term_at(from - 1));
        if (auto added = add(record, {}, room); !added) {
            return added;
        }
    }
    for (const raft::Entry& entry : write.entries) {
        if (auto added = add(entry_record(entry), entry.payload, room); !added) {
            return added;
        }
    }
    RAFTKV_CHECK(write.commit <= summary_.last_index());
    commit_ = std::max(commit_, write.commit);
    return {};
}

// Its file is asked for its size, and so that a mark without a file is noticed while the log that
// it makes superfluous is still there.
Result<void> FileWal::add_snapshot(const raft::SnapshotMark& mark, Room room) {
    RAFTKV_CHECK(mark.first_kept <= mark.id.index + 1);
    auto file = disk_.open(snapshot_name(mark.id.index), OpenMode::read_only);
    if (!file) {
        return broken(file.error());
    }
    auto size = (*file)->size();
    if (!size) {
        return broken(size.error());
    }
    const Record record = snapshot_record(mark.id, !summary_.holds(mark.id));
    if (auto added = add(record, snapshot_payload(mark.first_kept), room); !added) {
        return added;
    }
    snapshot_bytes_ = *size;
    snapshot_record_ = {mark, segment().sequence};
    commit_ = std::max(commit_, mark.id.index);
    return {};
}

Result<void> FileWal::add(const Record& record, const SharedBytes& payload, Room room) {
    const std::uint64_t end = durable_end_ + batch_.bytes() + record_bytes(payload.size());
    if (room == Room::ordinary && end > entry_limit(segment().bytes)) {
        if (auto moved = next_segment(); !moved) {
            return moved;
        }
    }
    put(record, payload);
    return {};
}

void FileWal::put(Record record, const SharedBytes& payload) {
    RAFTKV_CHECK(summary_.objection(record).empty());
    const std::uint64_t offset = durable_end_ + batch_.bytes();
    RAFTKV_CHECK(offset + record_bytes(payload.size()) <= segment().bytes);
    record.synced = durable_end_;
    last_sum_ = batch_.add(record, payload, {segment().salt, offset});
    summary_.apply(record);
    if (record.kind == RecordKind::entry) {
        index_.add(record.index, offset);
    } else if (record.kind == RecordKind::truncate) {
        index_.truncate(record.index);
        readable_ = std::min(readable_, summary_.last_index());
    } else if (record.kind == RecordKind::snapshot && record.voids_log) {
        index_.clear();
        readable_ = summary_.last_index();
    }
}

Result<void> FileWal::sync() {
    if (broken_) {
        return *broken_;
    }
    if (commit_ > summary_.commit()) {
        put_mark();
    }
    return flush();
}

Result<void> FileWal::mark_idle() {
    if (auto synced = sync(); !synced || marked_) {
        return synced;
    }
    put_mark();
    if (auto flushed = flush(); !flushed) {
        return flushed;
    }
    marked_ = true;
    return {};
}

// A convenience for the next start, so it does without when the segment is as good as full.
void FileWal::put_mark() {
    const std::uint64_t end = durable_end_ + batch_.bytes() + record_bytes(0);
    if (end <= mark_limit(segment().bytes)) {
        Record mark;
        mark.kind = RecordKind::commit;
        mark.index = commit_;
        put(mark, {});
    }
}

Result<void> FileWal::flush() {
    if (batch_.empty()) {
        return {};
    }
    if (auto written = file_->write_at(durable_end_, batch_.pieces()); !written) {
        return broken(written.error());
    }
    if (auto synced = file_->sync(); !synced) {
        return broken(synced.error());
    }
    durable_end_ += batch_.bytes();
    batched_bytes_ += batch_.bytes();
    pool_.expect_batches_of(batched_bytes_ / ++batches_);
    batch_.clear();
    readable_ = summary_.last_index();
    marked_ = false;
    next_is_due_ = is_next_due();
    reached_durably();
    retire_segments();
    return {};
}

void FileWal::reached_durably() {
    durable_note_.reached(
        {segment().sequence, segment().salt, durable_end_, summary_.last_index()});
}

void FileWal::retire_segments() {
    if (!snapshot_record_) {
        return;
    }
    const SnapshotRecord record = *std::exchange(snapshot_record_, std::nullopt);
    obsolete_.add(retire(record, segments_, index_, summary_), record.mark.id.index);
    if (old_file_ && old_sequence_ < segments_.front().sequence) {
        old_file_.reset();
    }
}

}  // namespace raftkv::storage
