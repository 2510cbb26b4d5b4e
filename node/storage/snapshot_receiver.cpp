#include "node/storage/snapshot_receiver.hpp"

#include <fmt/format.h>

#include <utility>

#include "node/storage/snapshot_format.hpp"
#include "node/storage/snapshot_reader.hpp"

namespace raftkv::storage {

Result<std::unique_ptr<SnapshotReceiver>> SnapshotReceiver::create(Disk& disk,
                                                                   const raft::SnapshotId& id) {
    auto file = GrowingFile::create(disk, received_snapshot_name(id.index));
    if (!file) {
        return file.error();
    }
    return std::unique_ptr<SnapshotReceiver>(new SnapshotReceiver(disk, std::move(*file), id));
}

Result<void> SnapshotReceiver::append(std::uint64_t offset, std::string_view bytes) {
    if (failed_) {
        return *failed_;
    }
    if (offset != this->offset()) {
        return Error{ErrorKind::failed,
                     fmt::format("a piece of a snapshot for offset {} came when {} was next",
                                 offset, this->offset())};
    }
    auto appended = file_->append(bytes);
    if (!appended) {
        failed_ = appended.error();
    }
    return appended;
}

Result<std::uint64_t> SnapshotReceiver::finish(std::uint64_t cluster_id) {
    if (failed_) {
        return *failed_;
    }
    if (auto synced = file_->sync(); !synced) {
        return synced.error();
    }
    if (auto verified = verify(cluster_id); !verified) {
        file_->abandon();
        return Error{verified.error().kind,
                     "a received snapshot was thrown away: " + verified.error().message};
    }
    if (auto placed = file_->place(snapshot_name(id_.index)); !placed) {
        return placed.error();
    }
    return file_->size();
}

Result<void> SnapshotReceiver::verify(std::uint64_t cluster_id) {
    auto reader = SnapshotReader::open(disk_, file_->name());
    if (!reader) {
        return reader.error();
    }
    const SnapshotMeta& meta = (*reader)->meta();
    if (meta.cluster_id != cluster_id || meta.id != id_) {
        return Error{ErrorKind::corrupt,
                     fmt::format("it is of entry {} of term {} of cluster {:016x}, and entry {} of "
                                 "term {} of cluster {:016x} was promised",
                                 meta.id.index.value(), meta.id.term.value(), meta.cluster_id,
                                 id_.index.value(), id_.term.value(), cluster_id)};
    }
    return verify_snapshot(**reader);
}

}  // namespace raftkv::storage
