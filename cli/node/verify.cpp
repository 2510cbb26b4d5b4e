#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "cli/node/checked_sink.hpp"
#include "cli/node/look_commands.hpp"
#include "cli/node/verify_report.hpp"
#include "node/storage/posix_disk.hpp"
#include "node/storage/snapshot_reader.hpp"

namespace raftkv::cli {

Result<void> verify_folder(const std::string& folder, bool json) {
    auto disk = storage::open_posix_disk_to_look(folder);
    if (!disk.ok()) return disk.error();
    CheckedSink sink;
    auto look = storage::look_at_folder(**disk, sink);
    if (!look.ok()) return look.error();
    if (!look->refusal && !sink.objection().empty()) {
        look->refusal = Error{ErrorKind::corrupt, sink.objection()};
    }
    const VerifiedState state{sink.store().size(), sink.store().state_hash()};
    fmt::print("{}", json ? verify_json(folder, *look, state) : verify_text(folder, *look, state));
    return look->refusal ? Result<void>(*look->refusal) : Result<void>();
}

Result<void> verify_snapshot_file(const std::string& file, bool json) {
    const std::filesystem::path path(file);
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    auto disk = storage::open_posix_disk_to_look(folder.string());
    if (!disk.ok()) return disk.error();
    auto reader = storage::SnapshotReader::open(**disk, path.filename().string());
    if (!reader.ok()) return reader.error();
    CheckedSink sink;
    sink.start();
    const storage::SnapshotMeta& meta = (*reader)->meta();
    for (bool more = true; more;) {
        auto chunk = (*reader)->next();
        if (!chunk) return chunk.error();
        more = chunk->has_value();
        auto taken = more ? sink.snapshot_chunk(**chunk) : sink.snapshot_end(meta.id, meta.members);
        if (!taken) return taken;
    }
    const VerifiedState state{sink.store().size(), sink.store().state_hash()};
    fmt::print("{}", json ? verify_json(file, meta, (*reader)->size(), state)
                          : verify_text(file, meta, (*reader)->size(), state));
    return {};
}

}  // namespace raftkv::cli
