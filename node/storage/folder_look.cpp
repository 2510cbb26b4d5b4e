#include "node/storage/folder_look.hpp"

#include <algorithm>
#include <utility>

#include "node/storage/recovery.hpp"
#include "node/storage/snapshot_reader.hpp"

namespace raftkv::storage {

namespace {

Result<SnapshotLook> look_at_snapshot(Disk& disk, LogIndex index) {
    SnapshotLook look;
    look.name = snapshot_name(index);
    look.index = index;
    auto file = disk.open(look.name, OpenMode::read_only);
    if (!file) {
        return file.error();
    }
    auto size = (*file)->size();
    if (!size) {
        return size.error();
    }
    look.bytes = *size;
    std::uint64_t offset = 0;
    auto read = [&]() -> Result<void> {
        auto reader = SnapshotReader::open(disk, index);
        if (!reader) {
            return reader.error();
        }
        look.meta = (*reader)->meta();
        auto verified = verify_snapshot(**reader);
        look.totals = (*reader)->totals();
        offset = (*reader)->offset();
        return verified;
    }();
    if (!read && read.error().kind != ErrorKind::corrupt) {
        return read.error();
    }
    if (!read) {
        look.damage = Damage{look.name, offset, read.error().message};
    }
    return look;
}

// Whose log it is: by the file that says so, or by what the segments say.
Identity believed_identity(const FolderLook& look) {
    if (look.identity) {
        return {look.identity->cluster_id, look.identity->config_id,
                NodeId(static_cast<std::uint32_t>(look.identity->node_id)), look.identity->folder};
    }
    for (const SegmentLook& segment : look.segments) {
        if (segment.header) {
            return {.cluster_id = segment.header->cluster_id, .node_id = segment.header->node_id};
        }
    }
    return {};
}

Result<void> look_at_files(Disk& disk, FolderLook& look) {
    for (const SegmentName& name : look.files.log.segments) {
        const bool last = &name == &look.files.log.segments.back();
        auto segment = look_at_segment(disk, name, last, nullptr);
        if (!segment) {
            return segment.error();
        }
        look.segments.push_back(std::move(*segment));
    }
    for (LogIndex index : look.files.log.snapshots) {
        auto snapshot = look_at_snapshot(disk, index);
        if (!snapshot) {
            return snapshot.error();
        }
        look.snapshots.push_back(std::move(*snapshot));
    }
    return {};
}

// What a start would say.
Result<void> try_start(Disk& disk, StateSink& sink, FolderLook& look) {
    const Identity identity = believed_identity(look);
    auto file = check_identity(disk, identity);
    if (!file) {
        return file.error();
    }
    if (auto belongs = check_belonging(disk, look.files, file->has_value()); !belongs) {
        return belongs;
    }
    Recovered recovered;
    auto log = recover(disk, identity, look.files.log, RecoveryMode::look, sink, recovered);
    if (!log) {
        return log.error();
    }
    look.state = std::move(recovered.state);
    look.repair = std::move(recovered.repaired);
    return {};
}

}  // namespace

Result<FolderLook> look_at_folder(Disk& disk, StateSink& sink) {
    auto files = list_folder(disk);
    if (!files) {
        return files.error();
    }
    FolderLook look;
    look.files = std::move(*files);
    auto identity = find_identity(disk);
    if (!identity && identity.error().kind != ErrorKind::corrupt) {
        return identity.error();
    }
    look.identity = identity ? *identity : std::nullopt;
    if (identity && !*identity && look.files.log.segments.empty()) {
        return Error{ErrorKind::usage, disk.path_of("") +
                                           " holds no log of a node: there is neither an identity "
                                           "nor a segment in it."};
    }
    if (auto looked = look_at_files(disk, look); !looked) {
        return looked.error();
    }
    if (auto started = try_start(disk, sink, look); !started) {
        if (started.error().kind == ErrorKind::io) {
            return started.error();
        }
        look.refusal = started.error();
    }
    return look;
}

}  // namespace raftkv::storage
