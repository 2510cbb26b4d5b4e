#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "cli/admin/admin_client.hpp"
#include "cli/cluster/child_process.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/cluster_view.hpp"
#include "cli/cluster/node_lifecycle.hpp"
#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

namespace raftkv::cli {

// What a supervisor knows of one node.
struct FleetNode {
    ServerConfig config;
    bool here = false;
    bool lost = false;          // its host's name does not resolve: whether it is here is not known
    bool first = true;          // config.json says where it is
    bool removed = false;       // from the cluster
    bool was_member = false;    // more than added a moment ago
    std::uint64_t foreign = 0;  // another cluster, which the one belongs to that answers there
    NodeLifecycle life;
    std::optional<ChildProcess> child;
    std::shared_ptr<void> end_watch;  // of the child
    MonotonicMs started;
    std::uint64_t log_size_at_start = 0;
    std::string last_reason;  // how it last ended
    std::optional<NodeStatus> status;
    MonotonicMs status_at;
};

// Older than this, what a node said is no longer how it is.
constexpr std::int64_t status_fresh_ms = 1000;

std::uint64_t size_of_log(const std::filesystem::path& file);
// How it ended, with its own last words from `log` where they may say why.
std::string reason_of(const FleetNode& node, const ChildEnd& end, const std::filesystem::path& log);
// "again in 400 ms"
std::string wait_of(const FleetNode& node, MonotonicMs now);
std::string given_up_note(const FleetNode& node);
NodeView row_of(const FleetNode& node, const std::optional<NodeStatus>& status, MonotonicMs now);

// The arguments that tell a node whom to ask for the members; none for one that knows them.
std::vector<std::string> how_to_join(const std::list<FleetNode>& nodes, const FleetNode& joining,
                                     const ClusterPaths& paths);
// It was started with an empty folder, and the members have not let it in yet.
bool waits_to_be_added(const FleetNode& node, const ClusterPaths& paths);
// Why nothing can be done to one that is not of this machine, as far as that is known.
Error not_here(const FleetNode& node);

// "db-1, ports 9001, 9201 and 9101"
std::string place_text(const ServerConfig& where);

}  // namespace raftkv::cli
