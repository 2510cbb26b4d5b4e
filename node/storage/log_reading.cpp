#include "node/storage/log_reading.hpp"

#include <fmt/format.h>

#include <utility>

#include "node/storage/record_reader.hpp"

namespace raftkv::storage {

std::string anew_advice(NodeId id) {
    return fmt::format(
        "Nothing was changed. Keep this folder for examination, elsewhere: \"raftkv cluster remove "
        "{}\" and then \"raftkv cluster add\" bring the node back with an empty one, from the "
        "others. The cluster can serve without it while a majority of the others runs.",
        id.value());
}

Error LogReading::damage(const std::string& name, std::uint64_t offset,
                         std::string_view what) const {
    return {ErrorKind::corrupt,
            fmt::format("the log is damaged: {} at offset {}, at or after entry {}: {}. {}",
                        disk_.path_of(name), offset, replay_.summary().last_index().value() + 1,
                        what, anew_advice(identity_.node_id))};
}

Result<void> LogReading::run(const std::vector<SegmentName>& names) {
    for (const SegmentName& name : names) {
        if (auto taken = take_segment(name, &name == &names.back()); !taken) {
            return taken;
        }
    }
    return {};
}

Result<void> LogReading::take_segment(const SegmentName& name, bool last) {
    auto file = disk_.open(name.name, last ? last_mode_ : OpenMode::read_only);
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
    segments_.push_back(
        {name.sequence, name.first_index, header->segment_bytes, header->salt, name.name});
    last_file_ = std::move(*file);
    return take_records(*last_file_, segments_.back());
}

Result<SegmentHeader> LogReading::read_header(const SegmentName& name, File& file) {
    auto bytes = file.read_at(0, sizeof(SegmentHeaderLayout));
    if (!bytes) {
        return bytes.error();
    }
    auto size = file.size();
    if (!size) {
        return size.error();
    }
    if (is_version_1_header(*bytes)) {
        return Error{ErrorKind::usage,
                     fmt::format("{} was made by an older raftkv (format 1), and this one cannot "
                                 "read it. Use the program that made it.",
                                 disk_.path_of(name.name))};
    }
    auto header = decode_segment_header(*bytes);
    if (!header) {
        return damage(name.name, 0, "the segment's header is damaged");
    }
    // Of the time before there was a cluster.
    const bool is_older = header->cluster_id == 0;
    if ((header->cluster_id != identity_.cluster_id && !is_older) ||
        header->node_id != identity_.node_id) {
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
Result<void> LogReading::check_chain(const SegmentHeader& header, const SegmentName& name) {
    if (segments_.empty()) {
        const std::string_view objection = replay_.begin(header);
        return objection.empty() ? Result<void>() : damage(name.name, 0, objection);
    }
    if (header.previous_salt != segments_.back().salt) {
        return damage(name.name, 0, "the segment does not follow the one before");
    }
    if (header.previous_end != end_ || header.previous_sum != last_sum_) {
        return damage(segments_.back().name, end_,
                      fmt::format("records up to offset {} should be there", header.previous_end));
    }
    if (auto agrees = check_state(header, name); !agrees) {
        return agrees;
    }
    Record commit;
    commit.index = header.commit;
    replay_.take(commit, {}, 0);
    return {};
}

Result<void> LogReading::check_state(const SegmentHeader& header, const SegmentName& name) const {
    const LogSummary& summary = replay_.summary();
    if (header.hard_state != summary.hard_state() || header.snapshot != summary.snapshot() ||
        header.first_index != summary.last_index() + 1 ||
        header.term_before_first != summary.term_at(summary.last_index()) ||
        header.commit > summary.last_index()) {
        return damage(name.name, 0, "the header disagrees with the segments before");
    }
    return {};
}

Result<void> LogReading::take_records(File& file, const Segment& segment) {
    end_ = header_block_bytes;
    last_sum_ = 0;
    marked_ = true;
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
        end_ = reader.offset();
        last_sum_ = reader.sum();
        marked_ = record.kind == RecordKind::commit && record.synced == offset;
    }
}

}  // namespace raftkv::storage
