#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/admin/members.hpp"
#include "cli/cluster/cluster_view.hpp"
#include "cli/cluster/event_log.hpp"
#include "cli/cluster/node_lifecycle.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace boost::asio {
class io_context;
}

namespace raftkv::cli {

struct FleetOptions {
    ClusterConfig config;         // with the members that are known in the place of its servers
    std::vector<NodeId> here;     // those that run here; the others are only watched
    std::vector<NodeId> unknown;  // those whose host is not known yet
    std::vector<NodeId> first;    // those of whom config.json says where they are
    // All nodes, those that config.json lists included, are on this machine: one to try things on,
    // so its nodes allow faults.
    bool is_local = false;
    std::filesystem::path config_file;
};

// The nodes that this supervisor looks after: starts them, hears of their end and starts them
// again as NodeLifecycle decides, knows how they are. Everything runs on the io_context's thread.
class Fleet {
  public:
    // `events` outlives the fleet.
    Fleet(boost::asio::io_context& context, const FleetOptions& options, EventLog& events);
    // Kills what still runs.
    ~Fleet();

    void start_all();
    // Refused with an Error of kind usage for a node that is none or not here, or one to start
    // whose port is taken; of kind failed where NodeLifecycle does.
    Result<void> request(NodeId id, NodeCommand command);
    void kill_all();

    // Starts who is new and belongs on this machine, forgets who is gone once it has ended, follows
    // who moved, and notes who votes. `view` is what the cluster says of them.
    void set_members(const std::vector<ServerConfig>& members, const MembersView& view);

    // Without supervisor_pid, uptime_ms and stopping.
    ClusterView view() const;
    bool has_process(NodeId id) const;
    // Not for a node that is to run here and does not: who answers on its port is somebody else.
    bool may_speak_for(NodeId id) const;
    bool has_processes() const;
    // Every node that it should run has been given up.
    bool is_hopeless() const;
    // The exit code of the last node that was given up.
    ExitCode hopeless_exit() const;

    // Keeps the nodes' logs within their bound, and forgets who was removed and has ended.
    void rotate_logs();
    // Has the nodes of this machine go on in the files that have the names of their logs now.
    void reopen_logs();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::cli
