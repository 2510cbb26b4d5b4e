#include "node/storage/segment_look.hpp"

#include <fmt/format.h>

#include <numeric>

#include "node/storage/torn_tail.hpp"

namespace raftkv::storage {

namespace {

// Why the bytes at the beginning of the file are no header for it; nothing: they are.
std::optional<std::string> objection(const SegmentLook& look, std::string_view bytes) {
    if (is_version_1_header(bytes)) {
        return "it was made by an older raftkv (format 1), and cannot be read";
    }
    if (!look.header) {
        return "the segment's header is damaged";
    }
    if (look.header->sequence != look.name.sequence ||
        look.header->first_index != look.name.first_index) {
        return "the file's name is that of another segment";
    }
    if (!is_segment_size(look.header->segment_bytes) || look.header->segment_bytes != look.bytes) {
        return fmt::format("the file has {} bytes, and should have {}", look.bytes,
                           look.header->segment_bytes);
    }
    return std::nullopt;
}

Result<void> read_records(File& file, SegmentLook& look,
                          const std::function<void(const RecordReader&)>& visit) {
    RecordReader reader(file, look.header->salt, header_block_bytes, look.bytes);
    for (;;) {
        auto found = reader.next();
        if (!found) {
            return found.error();
        }
        look.end = reader.offset();
        if (*found != RecordReader::Found::record) {
            return {};
        }
        const Record& record = reader.record();
        ++look.records.at(static_cast<std::size_t>(record.kind));
        if (record.kind == RecordKind::entry) {
            look.first_entry = look.first_entry.value_or(record.index);
            look.last_entry = record.index;
        }
        if (visit) {
            visit(reader);
        }
    }
}

// What follows the good records: zeros, what a crash may leave, or damage.
Result<void> judge_end(File& file, SegmentLook& look, bool last) {
    Segment segment;
    segment.bytes = look.bytes;
    segment.salt = look.header->salt;
    auto scan = scan_tail(file, segment, look.end);
    if (!scan) {
        return scan.error();
    }
    if (scan->nonzero_end == look.end) {
        return {};
    }
    if (scan->synced > look.end) {
        look.damage = Damage{look.name.name, look.end,
                             fmt::format("a record is broken, though everything up to offset {} "
                                         "was synced",
                                         scan->synced)};
    } else if (!last) {
        look.damage = Damage{look.name.name, look.end, "a record is broken"};
    } else {
        look.torn_bytes = scan->nonzero_end - look.end;
    }
    return {};
}

}  // namespace

std::uint64_t SegmentLook::records_in_all() const {
    return std::accumulate(records.begin(), records.end(), std::uint64_t{0});
}

Result<SegmentLook> look_at_segment(Disk& disk, const SegmentName& name, bool last,
                                    const std::function<void(const RecordReader&)>& visit) {
    auto file = disk.open(name.name, OpenMode::read_only);
    if (!file) {
        return file.error();
    }
    auto size = (*file)->size();
    if (!size) {
        return size.error();
    }
    auto bytes = (*file)->read_at(0, sizeof(SegmentHeaderLayout));
    if (!bytes) {
        return bytes.error();
    }
    SegmentLook look;
    look.name = name;
    look.bytes = *size;
    look.header = decode_segment_header(*bytes);
    if (auto wrong = objection(look, *bytes)) {
        look.damage = Damage{name.name, 0, *wrong};
        return look;
    }
    if (auto read = read_records(**file, look, visit); !read) {
        return read.error();
    }
    if (auto judged = judge_end(**file, look, last); !judged) {
        return judged.error();
    }
    return look;
}

}  // namespace raftkv::storage
