#include "cli/cluster/backup/restore_folders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/admin/known_members.hpp"
#include "cli/cluster/backup/backup_file.hpp"
#include "cli/cluster/backup/new_folder.hpp"
#include "cli/cluster/dump/progress.hpp"
#include "common/checksum.hpp"
#include "common/cluster_record.hpp"
#include "node/raft/membership.hpp"

namespace raftkv::cli::backup {

namespace {

Error nothing_restored() {
    return {ErrorKind::interrupted, "interrupted; nothing was restored"};
}

// Folders that are not complete go when this does.
class Unfinished {
  public:
    ~Unfinished() {
        std::error_code ignored;
        for (const auto& path : paths_) std::filesystem::remove_all(path, ignored);
    }
    // What a run before has left is of no use to anybody.
    void add(const std::filesystem::path& path) {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
        paths_.push_back(path);
    }

  private:
    std::vector<std::filesystem::path> paths_;
};

std::filesystem::path unfinished_name(const std::filesystem::path& folder) {
    return folder.string() + ".restore";
}

Result<void> check_names(const ClusterConfig& config, const std::vector<NodeId>& nodes) {
    for (NodeId id : nodes) {
        std::error_code ec;
        const std::filesystem::path folder = config.node_path(id);
        if (!std::filesystem::exists(std::filesystem::symlink_status(folder, ec))) continue;
        return Error{ErrorKind::usage,
                     fmt::format("{} is there already, and a backup makes a new cluster: move it "
                                 "away, or give another \"Path\" in config.json. Nothing was "
                                 "changed.",
                                 folder.string())};
    }
    return {};
}

Result<storage::SnapshotMeta> verify(const Restore& restore) {
    auto backup = open_backup(restore.file);
    if (!backup) return backup.error();
    dump::Progress progress("verify", backup->reader->size() >> 10, "KiB");
    auto verified = verify_backup(*backup->reader, [&](std::uint64_t bytes) -> Result<void> {
        progress.show(bytes >> 10);
        return restore.interrupted() ? nothing_restored() : Result<void>();
    });
    if (!verified) return verified.error();
    return backup->reader->meta();
}

// The same wherever it is computed: so all machines agree on it without asking each other.
std::uint64_t folder_of(std::uint64_t cluster, NodeId id) {
    return std::max<std::uint64_t>(
        checksum(fmt::format("restored {:016x} {}", cluster, id.value())), 1);
}

// Those of the configuration, with the folders that a restore makes: a server without one of them,
// whose disk is empty, has to be restored or added, and must not count for a new one.
raft::Membership members_of(const ClusterConfig& config, const Restore& restore) {
    std::vector<NodeId> ids;
    for (const ServerConfig& server : config.servers) ids.push_back(server.id);
    raft::Membership members = raft::first_membership(ids);
    for (raft::Member& member : members.members)
        member.folder = folder_of(restore.cluster_id, member.id);
    members.cluster = restore.cluster_id;
    return members;
}

Result<void> write_one(const ClusterConfig& config, const Restore& restore, NodeId id,
                       const storage::SnapshotMeta& meta) {
    auto backup = open_backup(restore.file);
    if (!backup) return backup.error();
    NewFolder folder;
    folder.path = unfinished_name(config.node_path(id));
    folder.identity = {.cluster_id = restore.cluster_id,
                       .config_id = config.cluster_id,
                       .node_id = id,
                       .new_folder = folder_of(restore.cluster_id, id)};
    folder.options = {.segment_bytes = std::uint64_t{config.segment_mib} << 20};
    folder.term = meta.id.term;
    folder.meta = {restore.cluster_id, meta.id, raft::encode(members_of(config, restore))};
    storage::SnapshotReader& reader = *backup->reader;
    dump::Progress progress(fmt::format("node {}", id.value()), reader.size() >> 10, "KiB");
    return write_new_folder(folder, [&]() -> Result<std::optional<std::string_view>> {
        if (restore.interrupted()) return nothing_restored();
        progress.show(reader.offset() >> 10);
        return reader.next();
    });
}

}  // namespace

Result<storage::SnapshotMeta> restore_folders(const ClusterConfig& config, const Restore& restore) {
    if (auto free = check_names(config, restore.nodes); !free) return free.error();
    auto meta = verify(restore);
    if (!meta) return meta.error();
    Unfinished unfinished;
    for (NodeId id : restore.nodes) {
        unfinished.add(unfinished_name(config.node_path(id)));
        if (auto written = write_one(config, restore, id, *meta); !written) return written.error();
    }
    // Who the members are is for config.json to say, again.
    if (auto forgotten = forget_known_members(config.data_path); !forgotten)
        return forgotten.error();
    if (auto noted = write_cluster_record(config.data_path, restore.cluster_id); !noted)
        return noted.error();
    for (NodeId id : restore.nodes) {
        const std::filesystem::path folder = config.node_path(id);
        if (auto named = rename_folder(unfinished_name(folder), folder); !named)
            return named.error();
    }
    return meta;
}

}  // namespace raftkv::cli::backup
