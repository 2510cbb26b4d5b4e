#include "node/storage/recovery.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

#include "node/storage/record.hpp"
#include "node/storage/record_reader.hpp"
#include "node/storage/replay.hpp"
#include "node/storage/torn_tail.hpp"

namespace raftkv::storage {

namespace {

class Recovery {
  public:
    Recovery(Disk& disk, const Identity& identity,
             const std::function<void(const raft::Entry&)>& on_committed)
        : disk_(disk), identity_(identity), replay_(on_committed) {}

    Result<OpenLog> run(const std::vector<SegmentName>& names, Recovered& recovered);

  private:
    Result<void> take_segment(const SegmentName& name, bool last);
    Result<SegmentHeader> read_header(const SegmentName& name, File& file);
    Result<void> check_chain(const SegmentHeader& header, const SegmentName& name);
    Result<void> take_records(File& file, const Segment& segment);
    Result<std::string> finish_last();

    // Damage, with its place.
    Error damage(const std::string& name, std::uint64_t offset, std::string_view what) const;

    Disk& disk_;
    const Identity& identity_;
    Replay replay_;
    OpenLog log_;
};

Error Recovery::damage(const std::string& name, std::uint64_t offset, std::string_view what) const {
    return {
        ErrorKind::corrupt,
        fmt::format("the log is damaged: {} at offset {}, at or after entry {}: {}. Nothing "
                    "was changed. Keep this folder for examination; the cluster can serve "
                    "without this node while a majority of the others runs.",
                    disk_.path_of(name), offset, replay_.summary().last_index().value() + 1, what)};
}

Result<OpenLog> Recovery::run(const std::vector<SegmentName>& names, Recovered& recovered) {
    // A process that was killed may have left names that a power loss would still take away.
    if (auto synced = disk_.sync_folder(); !synced) {
        return synced.error();
    }
    for (const SegmentName& name : names) {
        if (auto taken = take_segment(name, &name == &names.back()); !taken) {
            return taken.error();
        }
    }
    if (!names.empty()) {
        auto repaired = finish_last();
        if (!repaired) {
            return repaired.error();
        }
        recovered.repaired = *repaired;
    }
    recovered.state = replay_.restored();
    log_.summary = replay_.summary();
    log_.index = replay_.index();
    return std::move(log_);
}

Result<void> Recovery::take_segment(const SegmentName& name, bool last) {
    const std::uint64_t expected = log_.segments.size() + 1;
    if (name.sequence != expected) {
        return damage(name.name, 0,
                      name.sequence < expected
                          ? fmt::format("there are two segments {}", name.sequence)
                          : fmt::format("segment {}, which comes before it, is missing", expected));
    }
    // Only in the last one can there be anything that was never synced.
    auto file = disk_.open(name.name, last ? OpenMode::read_write : OpenMode::read_only);
    if (!file) {
        return file.error();
    }
    auto header = read_header(name, **file);
    if (!header) {
        return header.error();
    }
    if (auto follows = check_chain(*header, name); !follows) {
        return follows;
    }
    replay_.start_segment(name.sequence);
    log_.segments.push_back(
        {name.sequence, name.first_index, header->segment_bytes, header->salt, name.name});
    log_.last_file = std::move(*file);
    return take_records(*log_.last_file, log_.segments.back());
}

Result<SegmentHeader> Recovery::read_header(const SegmentName& name, File& file) {
    auto bytes = file.read_at(0, sizeof(SegmentHeaderLayout));
    if (!bytes) {
        return bytes.error();
    }
    auto size = file.size();
    if (!size) {
        return size.error();
    }
    auto header = decode_segment_header(*bytes);
    if (!header) {
        return damage(name.name, 0, "the segment's header is damaged");
    }
    if (header->cluster_id != identity_.cluster_id || header->node_id != identity_.node_id) {
        return Error{
            ErrorKind::usage,
            fmt::format("{} belongs to node {} of cluster {:016x}, but this is node {} of "
                        "cluster {:016x}. Put it back where it came from.",
                        disk_.path_of(name.name), header->node_id.value(), header->cluster_id,
                        identity_.node_id.value(), identity_.cluster_id)};
    }
    if (header->sequence != name.sequence || header->first_index != name.first_index) {
        return damage(name.name, 0, "the file's name is that of another segment");
    }
    if (!is_segment_size(header->segment_bytes) || header->segment_bytes != *size) {
        return damage(
            name.name, *size,
            fmt::format("the file has {} bytes, and should have {}", *size, header->segment_bytes));
    }
    return *header;
}

// The header repeats how the segment before ended. With it, a lost end of that one is found even
// where zeros took its place.
Result<void> Recovery::check_chain(const SegmentHeader& header, const SegmentName& name) {
    const LogSummary& summary = replay_.summary();
    if (header.previous_salt != (log_.segments.empty() ? 0 : log_.segments.back().salt)) {
        return damage(name.name, 0, "the segment does not follow the one before");
    }
    if (!log_.segments.empty() &&
        (header.previous_end != log_.end || header.previous_sum != log_.last_sum)) {
        return damage(log_.segments.back().name, log_.end,
                      fmt::format("records up to offset {} should be there", header.previous_end));
    }
    if (header.hard_state != summary.hard_state() ||
        header.first_index != summary.last_index() + 1 || header.commit > summary.last_index()) {
        return damage(name.name, 0, "the header disagrees with the segments before");
    }
    Record commit;
    commit.index = header.commit;
    replay_.take(commit, {}, 0);
    return {};
}

Result<void> Recovery::take_records(File& file, const Segment& segment) {
    log_.end = header_block_bytes;
    log_.last_sum = 0;
    log_.marked = true;
    RecordReader reader(file, segment.salt, header_block_bytes, segment.bytes);
    for (;;) {
        auto found = reader.next();
        if (!found) {
            return found.error();
        }
        if (*found != RecordReader::Found::record) {
            return {};
        }
        const Record& record = reader.record();
        const std::uint64_t offset = reader.record_offset();
        std::string_view objection = replay_.take(record, reader.payload(), offset);
        if (!objection.empty()) {
            return damage(segment.name, offset, objection);
        }
        log_.end = reader.offset();
        log_.last_sum = reader.sum();
        log_.marked = record.kind == RecordKind::commit && record.synced == offset;
    }
}

// Whatever follows the last good record: nothing, the torn tail of a crash, or damage.
Result<std::string> Recovery::finish_last() {
    const Segment& segment = log_.segments.back();
    auto scan = scan_tail(*log_.last_file, segment, log_.end);
    if (!scan) {
        return scan.error();
    }
    if (scan->nonzero_end == log_.end) {
        return std::string();
    }
    if (scan->synced > log_.end) {
        return damage(
            segment.name, log_.end,
            fmt::format("a record is broken, though everything up to offset {} was synced",
                        scan->synced));
    }
    auto copy = cut_torn_tail(disk_, *log_.last_file, segment, log_.end, scan->nonzero_end);
    if (!copy) {
        return copy;
    }
    return fmt::format(
        "cut off the torn tail of a crash: {} bytes of {} from offset {} on, after entry {}; {}",
        scan->nonzero_end - log_.end, disk_.path_of(segment.name), log_.end,
        replay_.summary().last_index().value(),
        copy->empty() ? "there was no space to keep a copy"
                      : "a copy is in " + disk_.path_of(*copy));
}

}  // namespace

Result<OpenLog> recover(Disk& disk, const Identity& identity,
                        const std::vector<SegmentName>& segments,
                        const std::function<void(const raft::Entry&)>& on_committed,
                        Recovered& recovered) {
    return Recovery(disk, identity, on_committed).run(segments, recovered);
}

}  // namespace raftkv::storage
