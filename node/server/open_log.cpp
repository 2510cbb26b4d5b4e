#include "node/server/open_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

#include "common/log.hpp"
#include "node/replica/store_sink.hpp"
#include "node/storage/posix_disk.hpp"

namespace raftkv::server {

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

    if (!recovered.repaired.empty()) log::warn(recovered.repaired);
    log::info(fmt::format("opened {}: term {}, log up to {}, committed up to {}, {} keys",
                          config.node_path(id).string(), opened.restored.hard_state.term.value(),
                          opened.restored.last_index.value(), opened.restored.commit.value(),
                          opened.store.size()));
    return opened;
}

}  // namespace raftkv::server
