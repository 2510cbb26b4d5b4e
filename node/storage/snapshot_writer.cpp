#include "node/storage/snapshot_writer.hpp"

#include <utility>

namespace raftkv::storage {

Result<std::unique_ptr<SnapshotWriter>> SnapshotWriter::create(Disk& disk,
                                                               const SnapshotMeta& meta) {
    auto file = GrowingFile::create(disk, written_snapshot_name(meta.id.index));
    if (!file) {
        return file.error();
    }
    std::unique_ptr<SnapshotWriter> writer(new SnapshotWriter(std::move(*file), meta.id.index));
    if (auto header = writer->append(encode_snapshot_header(meta, writer->totals_)); !header) {
        return header.error();
    }
    return writer;
}

Result<void> SnapshotWriter::add(std::string_view chunk) {
    std::string header;
    encode_snapshot_chunk(header, chunk, file_->size(), totals_);
    if (auto added = append(header); !added) {
        return added;
    }
    if (auto added = append(chunk); !added) {
        return added;
    }
    static constexpr std::string_view zeros("\0\0\0\0\0\0\0", 7);
    return append(zeros.substr(0, padded(chunk.size()) - chunk.size()));
}

Result<std::uint64_t> SnapshotWriter::finish() {
    if (auto footer = append(encode_snapshot_footer(totals_)); !footer) {
        return footer.error();
    }
    if (auto synced = file_->sync(); !synced) {
        return synced.error();
    }
    if (auto placed = file_->place(snapshot_name(index_)); !placed) {
        return placed.error();
    }
    return file_->size();
}

Result<void> SnapshotWriter::append(std::string_view bytes) {
    if (failed_) {
        return *failed_;
    }
    auto appended = file_->append(bytes);
    if (!appended) {
        failed_ = appended.error();
    }
    return appended;
}

}  // namespace raftkv::storage
