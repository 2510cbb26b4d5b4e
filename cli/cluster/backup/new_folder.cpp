#include "cli/cluster/backup/new_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <random>
#include <system_error>
#include <utility>

#include "node/replica/store_sink.hpp"
#include "node/storage/posix_disk.hpp"
#include "node/storage/snapshot_writer.hpp"

namespace raftkv::cli::backup {

namespace {

Result<void> write_snapshot(storage::Disk& disk, const storage::SnapshotMeta& meta,
                            const NextChunk& next) {
    auto writer = storage::SnapshotWriter::create(disk, meta);
    if (!writer) return writer.error();
    for (;;) {
        auto chunk = next();
        if (!chunk) return chunk.error();
        if (!*chunk) break;
        if (auto added = (*writer)->add(**chunk); !added) return added;
    }
    auto finished = (*writer)->finish();
    return finished ? Result<void>() : finished.error();
}

Result<void> sync_folder(const std::filesystem::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    const int failure = errno;
    if (fd >= 0) ::close(fd);
    if (synced) return {};
    return Error{ErrorKind::io, fmt::format("syncing {}: {}", path.string(),
                                            std::generic_category().message(failure))};
}

}  // namespace

std::uint64_t random_id() {
    std::random_device random;
    std::uint64_t id = 0;
    while (id == 0) id = (std::uint64_t{random()} << 32) | random();
    return id;
}

Result<void> write_new_folder(const NewFolder& folder, const NextChunk& next) {
    auto disk = storage::open_posix_disk(folder.path.string());
    if (!disk) return disk.error();
    // First the log: a snapshot that none counts on would be cleared away.
    replica::StoreSink nothing;
    storage::Recovered recovered;
    auto wal = storage::Wal::open(**disk, folder.identity, folder.options, nothing, recovered);
    if (!wal) return wal.error();
    if (auto written = write_snapshot(**disk, folder.meta, next); !written) return written;
    const raft::SnapshotId& id = folder.meta.id;
    raft::LogWrite write;
    write.hard_state = raft::HardState{folder.term, std::nullopt};
    write.snapshot = raft::SnapshotMark{id, id.index + 1};
    write.commit = id.index;
    if (auto appended = (*wal)->append(write); !appended) return appended;
    return (*wal)->sync();
}

Result<void> rename_folder(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code ec;
    if (std::filesystem::exists(to, ec)) {
        return Error{ErrorKind::usage,
                     fmt::format("{} is there already: move it away", to.string())};
    }
    return replace_file(from, to);
}

Result<void> replace_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::error_code ec;
    std::filesystem::rename(from, to, ec);
    if (ec) {
        return Error{ErrorKind::io, fmt::format("renaming {} to {}: {}", from.string(), to.string(),
                                                ec.message())};
    }
    return sync_folder(to.parent_path());
}

Result<void> exchange_folders(const std::filesystem::path& one,
                              const std::filesystem::path& other) {
    if (::renameat2(AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) != 0) {
        return Error{ErrorKind::io,
                     fmt::format("exchanging the names of {} and {}: {}", one.string(),
                                 other.string(), std::generic_category().message(errno))};
    }
    return sync_folder(other.parent_path());
}

}  // namespace raftkv::cli::backup
