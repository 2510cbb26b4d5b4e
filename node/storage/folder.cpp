#include "node/storage/folder.hpp"

#include <fmt/format.h>

#include <utility>

#include "node/storage/durable_end.hpp"
#include "node/storage/record.hpp"
#include "node/storage/snapshot_format.hpp"
#include "node/storage/torn_tail.hpp"

namespace raftkv::storage {

namespace {

// The identity comes after the first segment: between the two, this is all there can be.
Result<bool> is_one_empty_segment(Disk& disk, const std::vector<SegmentName>& segments) {
    if (segments.size() != 1) {
        return false;
    }
    auto file = disk.open(segments.front().name, OpenMode::read_only);
    if (!file) {
        return file.error();
    }
    Segment segment;
    auto size = (*file)->size();
    if (!size) {
        return size.error();
    }
    if (!is_segment_size(*size)) {
        return false;
    }
    segment.bytes = *size;
    auto scan = scan_tail(**file, segment, header_block_bytes);
    if (!scan) {
        return scan.error();
    }
    return scan->nonzero_end == header_block_bytes;
}

}  // namespace

Result<Folder> list_folder(Disk& disk) {
    auto names = disk.list();
    if (!names) {
        return names.error();
    }
    Folder folder;
    for (const std::string& name : *names) {
        if (auto segment = parse_segment_name(name)) {
            folder.log.segments.push_back(std::move(*segment));
        } else if (auto snapshot = parse_snapshot_name(name)) {
            folder.log.snapshots.push_back(*snapshot);
        } else if (is_unfinished_name(name) || is_unfinished_snapshot_name(name) ||
                   name == identity_temporary_name || name == durable_end_temporary_name) {
            folder.leftovers.push_back(name);
        } else if (is_torn_name(name)) {
            folder.torn_copies.push_back(name);
        }
    }
    return folder;
}

Result<void> check_belonging(Disk& disk, const Folder& folder, bool has_identity) {
    if (has_identity) {
        if (!folder.log.segments.empty()) {
            return {};
        }
        return Error{ErrorKind::corrupt,
                     fmt::format("the log is missing: {} says that there was one, but there is no "
                                 "segment of it. Nothing was changed. A node that forgot its votes "
                                 "and entries must not join its cluster again: put the files back.",
                                 disk.path_of(identity_name))};
    }
    if (folder.log.segments.empty()) {
        return {};
    }
    auto unfinished = is_one_empty_segment(disk, folder.log.segments);
    if (!unfinished) {
        return unfinished.error();
    }
    if (*unfinished) {
        return {};
    }
    return Error{ErrorKind::corrupt,
                 fmt::format("{} is missing beside the segments of a log, so nothing says whose "
                             "log it is. Nothing was changed. Put the file back.",
                             disk.path_of(identity_name))};
}

}  // namespace raftkv::storage
