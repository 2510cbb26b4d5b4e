#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "node/storage/file_wal.hpp"
#include "node/storage/record.hpp"

namespace raftkv::storage {

Result<void> FileWal::create_first_segment() {
    RAFTKV_CHECK(segments_.empty());
    WalOptions first = options_;
    first.segment_bytes = std::min(first_segment_bytes, options_.segment_bytes);
    SegmentPool pool(disk_, first);
    if (auto room = pool.ensure(1); !room) {
        return room;
    }
    return start_segment(pool.take());
}

// The end of the full segment is durable before the next one exists: a segment that is not the
// last has no torn tail.
Result<void> FileWal::next_segment() {
    if (auto flushed = flush(); !flushed) {
        return flushed;
    }
    if (auto started = start_segment(pool_.take()); !started) {
        return broken(started.error());
    }
    return {};
}

// The header is durable before the file has its name, and the name before records go in: so a
// segment in its place always has a header, and one with records is always in its place. That it is
// there is noted before records go in, too, so that it is missed when it is gone.
Result<void> FileWal::start_segment(PreparedSegment prepared) {
    SegmentHeader header;
    header.cluster_id = identity_.cluster_id;
    header.node_id = identity_.node_id;
    header.sequence = segments_.empty() ? 1 : segment().sequence + 1;
    header.segment_bytes = prepared.bytes;
    header.salt = disk_.random();
    if (!segments_.empty()) {
        header.previous_salt = segment().salt;
        header.previous_end = durable_end_;
        header.previous_sum = last_sum_;
    }
    header.first_index = summary_.last_index() + 1;
    header.term_before_first = summary_.term_at(summary_.last_index());
    header.snapshot = summary_.snapshot();
    header.commit = commit_;
    header.hard_state = summary_.hard_state();

    const std::string bytes = encode(header);
    const std::string_view piece = bytes;
    if (auto written = prepared.file->write_at(0, {&piece, 1}); !written) {
        return written;
    }
    if (auto synced = prepared.file->sync(); !synced) {
        return synced;
    }
    const std::string final_name = segment_name(header.sequence, header.first_index);
    if (auto renamed = disk_.rename(prepared.name, final_name); !renamed) {
        return renamed;
    }
    if (auto synced = disk_.sync_folder(); !synced) {
        return synced;
    }
    segments_.push_back(
        {header.sequence, header.first_index, header.segment_bytes, header.salt, final_name});
    file_ = std::move(prepared.file);
    index_.start_segment(header.sequence);
    Record commit;
    commit.index = header.commit;
    summary_.apply(commit);
    durable_end_ = header_block_bytes;
    batches_ = batched_bytes_ = 0;
    last_sum_ = 0;
    marked_ = true;
    next_is_due_ = is_next_due();
    reached_durably();
    auto noted = durable_note_.write();
    // The first time there may be no room for it: as in a folder that is older than this file.
    return !noted && noted.error().kind == ErrorKind::no_space ? Result<void>() : noted;
}

// Not at once, so that a log of a few records takes the space of one segment only.
bool FileWal::is_next_due() const {
    return durable_end_ > segment().bytes / 8;
}

}  // namespace raftkv::storage
