#include "cli/cluster/backup/backup_file.hpp"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "node/storage/posix_disk.hpp"

namespace raftkv::cli::backup {

Result<BackupFile> open_backup(const std::filesystem::path& path) {
    std::error_code ec;
    if (!std::filesystem::is_regular_file(path, ec))
        return Error{ErrorKind::usage, fmt::format("{} is no file", path.string())};
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    auto disk = storage::open_posix_disk_to_look(folder.string());
    if (!disk) return disk.error();
    auto reader = storage::SnapshotReader::open(**disk, path.filename().string());
    if (!reader) return reader.error();
    return BackupFile{std::move(*disk), std::move(*reader)};
}

Result<void> verify_backup(storage::SnapshotReader& reader, const ReadSoFar& so_far) {
    for (;;) {
        auto chunk = reader.next();
        if (!chunk) return chunk.error();
        if (!*chunk) return {};
        if (auto told = so_far(reader.offset()); !told) return told;
    }
}

}  // namespace raftkv::cli::backup
