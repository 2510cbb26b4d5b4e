#include "cli/cluster/backup/rebuild_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <system_error>

#include "cli/cluster/backup/backup_file.hpp"
#include "cli/cluster/backup/new_folder.hpp"
#include "node/replica/store_sink.hpp"
#include "node/storage/posix_disk.hpp"
#include "node/storage/wal.hpp"

namespace raftkv::cli::backup {

namespace {

Result<storage::SnapshotMeta> meta_of(const std::filesystem::path& file) {
    auto backup = open_backup(file);
    if (!backup) return backup.error();
    return backup->reader->meta();
}

// Of an entry that the log has, or begins after.
std::optional<Term> term_of(const raft::Restored& log, LogIndex index) {
    if (index + 1 == log.first_index) return log.term_before_first;
    if (index < log.first_index || index > log.last_index) return std::nullopt;
    Term term;
    for (const raft::TermRun& run : log.term_runs) {
        if (run.first_index <= index) term = run.term;
    }
    return term;
}

bool goes_on_from(const raft::Restored& log, const raft::SnapshotId& id) {
    return term_of(log, id.index) == id.term;
}

Result<void> check(const storage::Recovered& found, const storage::SnapshotMeta& meta,
                   const std::string& folder) {
    const raft::Restored& log = found.state;
    if (found.cluster_id != meta.cluster_id) {
        return Error{ErrorKind::usage,
                     fmt::format("{} is of cluster {:016x}, and the snapshot of {:016x}", folder,
                                 found.cluster_id, meta.cluster_id)};
    }
    if (log.snapshot && meta.id.index < log.snapshot->id.index) {
        return Error{
            ErrorKind::failed,
            fmt::format("the snapshot is of entry {}, but {} has one of entry {} meanwhile: "
                        "try again",
                        meta.id.index.value(), folder, log.snapshot->id.index.value())};
    }
    if (meta.id.index > log.commit || goes_on_from(log, meta.id)) return {};
    return Error{
        ErrorKind::corrupt,
        fmt::format("the log in {} has another entry {} than the snapshot, and took it for "
                    "committed: it can't be trusted. Remove the node, and add it anew "
                    "with an empty folder",
                    folder, meta.id.index.value())};
}

}  // namespace

Result<void> rebuild_folder(const ClusterConfig& config, NodeId id,
                            const std::filesystem::path& file) {
    auto meta = meta_of(file);
    if (!meta) return meta.error();
    const std::filesystem::path folder = config.node_path(id);
    auto disk = storage::open_posix_disk(folder.string());
    if (!disk) return disk.error();
    replica::StoreSink no_state;  // the folder's own may be damaged, and is not wanted
    storage::Recovered found;
    const storage::Identity identity{.cluster_id = meta->cluster_id,
                                     .config_id = config.cluster_id,
                                     .node_id = id,
                                     .new_folder = random_id()};
    auto wal = storage::Wal::open(
        **disk, identity,
        {.segment_bytes = std::uint64_t{config.segment_mib} << 20, .brings_snapshot = true},
        no_state, found);
    if (!wal) return wal.error();
    if (auto fits = check(found, *meta, folder.string()); !fits) return fits;

    const raft::Restored& log = found.state;
    const std::filesystem::path place = folder / storage::snapshot_name(meta->id.index);
    if (auto moved = replace_file(file, place); !moved) return moved;
    // The one that counts, with the right bytes: it goes on to count.
    if (log.snapshot && log.snapshot->id == meta->id) return {};
    raft::LogWrite write;
    const bool goes_on = goes_on_from(log, meta->id);
    write.snapshot =
        raft::SnapshotMark{meta->id, goes_on ? log.first_index : LogIndex(meta->id.index + 1)};
    // The node may have been away when that term began.
    if (meta->id.term > log.hard_state.term)
        write.hard_state = raft::HardState{meta->id.term, std::nullopt};
    write.commit = goes_on ? std::max(log.commit, meta->id.index) : meta->id.index;
    if (auto appended = (*wal)->append(write); !appended) return appended;
    return (*wal)->sync();
}

}  // namespace raftkv::cli::backup
