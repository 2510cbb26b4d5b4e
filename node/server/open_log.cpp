#include "node/server/open_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "common/log.hpp"
#include "node/replica/store_sink.hpp"
#include "node/server/membership_start.hpp"
#include "node/storage/posix_disk.hpp"

namespace raftkv::server {
namespace {

std::uint64_t cluster_in_log(const raft::Restored& restored) {
    if (const auto members = newest_members(restored)) return members->cluster;
    return 0;
}

// What the folder says has to agree with what its log says. The cluster of a folder that is older
// than the identities of clusters has its name from the configuration; where such a one was never
// led, all of its servers know that name, and it becomes the identity.
Result<void> find_cluster(const ClusterConfig& config, NodeId id, std::uint64_t config_id,
                          OpenedLog& opened) {
    opened.new_cluster = std::max<std::uint64_t>(opened.disk->random(), 1);
    const bool is_empty = opened.restored.last_index == LogIndex(0);
    if (is_empty && opened.cluster_id != 0 && opened.cluster_id == config_id)
        opened.new_cluster = std::exchange(opened.cluster_id, 0);
    const std::uint64_t in_log = cluster_in_log(opened.restored);
    if (in_log != 0 && opened.cluster_id != 0 && in_log != opened.cluster_id) {
        return Error{ErrorKind::usage,
                     fmt::format("{} says that it belongs to cluster {:016x}, but its log is of "
                                 "cluster {:016x}. Files of two folders were mixed: put each back "
                                 "where it came from.",
                                 config.node_path(id).string(), opened.cluster_id, in_log)};
    }
    return {};
}

}  // namespace

Result<OpenedLog> open_log(const ClusterConfig& config, NodeId id, std::uint64_t cluster_id,
                           const AroundDisk& around) {
    OpenedLog opened;
    auto disk = storage::open_posix_disk(config.node_path(id).string());
    if (!disk.ok()) return disk.error();
    opened.disk = std::move(disk).value();
    if (around) opened.disk = around(std::move(opened.disk));

    const storage::Identity identity{
        .cluster_id = cluster_id,
        .config_id = config.cluster_id,
        .node_id = id,
        .new_folder = std::max<std::uint64_t>(opened.disk->random(), 1)};
    replica::StoreSink sink;
    storage::Recovered recovered;
    auto wal = storage::Wal::open(*opened.disk, identity,
                                  {.segment_bytes = std::uint64_t{config.segment_mib} << 20}, sink,
                                  recovered);
    if (!wal.ok()) return wal.error();
    opened.wal = std::move(wal).value();
    opened.cluster_id = recovered.cluster_id;
    opened.folder = recovered.folder;
    opened.restored = std::move(recovered.state);
    opened.restored.members = sink.members();
    opened.store = std::move(sink.store());

    if (auto known = find_cluster(config, id, recovered.config_id, opened); !known)
        return known.error();
    if (!recovered.repaired.empty()) log::warn(recovered.repaired);
    log::info(fmt::format("opened {}: term {}, log up to {}, committed up to {}, {} keys",
                          config.node_path(id).string(), opened.restored.hard_state.term.value(),
                          opened.restored.last_index.value(), opened.restored.commit.value(),
                          opened.store.size()));
    return opened;
}

}  // namespace raftkv::server
