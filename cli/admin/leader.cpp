#include "cli/admin/leader.hpp"

#include <chrono>
#include <optional>

#include "cli/admin/admin_client.hpp"

namespace raftkv::cli {

Result<NodeId> current_leader(const ClusterConfig& config) {
    constexpr std::chrono::milliseconds answers_within{500};
    std::optional<NodeStatus> leader;
    for (const ServerConfig& server : config.servers) {
        auto status = fetch_status(server.admin_host, server.admin_port, answers_within);
        if (!status || status->id != server.id || status->role != NodeRole::leader) continue;
        // One that was cut off may not know yet that a later term has another.
        if (!leader || status->term > leader->term) leader = std::move(*status);
    }
    if (leader) return leader->id;
    return Error{ErrorKind::unavailable,
                 "no node leads at the moment: look at \"raftkv cluster status\", or name a node"};
}

}  // namespace raftkv::cli
