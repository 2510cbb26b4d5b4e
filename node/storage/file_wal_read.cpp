#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "node/storage/file_wal.hpp"
#include "node/storage/record.hpp"
#include "node/storage/record_reader.hpp"

namespace raftkv::storage {

// What was asked for, and how far it got.
struct FileWal::Reading {
    LogIndex next;
    LogIndex to;
    std::size_t bytes_left = 0;
    std::vector<raft::Entry> entries;
    bool full = false;

    void take(raft::Entry entry) {
        if (!entries.empty() && entry.payload.size() > bytes_left) {
            full = true;
            return;
        }
        bytes_left -= std::min(bytes_left, entry.payload.size());
        entries.push_back(std::move(entry));
        ++next;
    }
    bool done() const { return full || next > to; }
};

Result<std::vector<raft::Entry>> FileWal::read(LogIndex from, LogIndex to, std::size_t max_bytes) {
    RAFTKV_CHECK(from > LogIndex(0));
    if (broken_) {
        return *broken_;
    }
    Reading reading{from, std::min(to, readable_), max_bytes, {}, false};
    if (from < summary_.first_index()) {
        return std::vector<raft::Entry>();
    }
    while (!reading.done()) {
        if (auto read = read_span(reading); !read) {
            return read.error();
        }
    }
    return std::move(reading.entries);
}

// The entries of one span, from the one that is wanted next on.
Result<void> FileWal::read_span(Reading& reading) {
    const EntryIndex::Span span = index_.span_of(reading.next);
    const Segment& in = segment_at(span.sequence);
    auto file = file_of(in);
    if (!file) {
        return file.error();
    }
    RecordReader reader(**file, in.salt, span.offset, end_of(in));
    LogIndex expected = span.first;
    while (!reading.done() && (!span.next || expected < *span.next)) {
        auto found = reader.next();
        if (!found) {
            return found.error();
        }
        const bool record = *found == RecordReader::Found::record;
        if (!record ||
            (reader.record().kind == RecordKind::entry && reader.record().index != expected)) {
            return Error{ErrorKind::corrupt,
                         fmt::format("the log is damaged: {} at offset {}: entry {} should be here",
                                     disk_.path_of(in.name), reader.offset(), expected.value())};
        }
        if (reader.record().kind != RecordKind::entry) {
            continue;
        }
        if (expected == reading.next) {
            reading.take(
                {expected, reader.record().term, reader.record().entry_kind, reader.payload()});
        }
        ++expected;
    }
    return {};
}

const Segment& FileWal::segment_at(std::uint64_t sequence) const {
    return segments_.at(sequence - segments_.front().sequence);
}

// Where the durable bytes end.
std::uint64_t FileWal::end_of(const Segment& in) const {
    return in.sequence == segment().sequence ? durable_end_ : in.bytes;
}

// Followers that catch up read forward, so one older file open at a time is enough.
Result<File*> FileWal::file_of(const Segment& in) {
    if (in.sequence == segment().sequence) {
        return file_.get();
    }
    if (!old_file_ || old_sequence_ != in.sequence) {
        auto file = disk_.open(in.name, OpenMode::read_only);
        if (!file) {
            return file.error();
        }
        old_file_ = std::move(*file);
        old_sequence_ = in.sequence;
    }
    return old_file_.get();
}

}  // namespace raftkv::storage
