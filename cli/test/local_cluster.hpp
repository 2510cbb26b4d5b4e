#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/cluster/child_process.hpp"
#include "cli/test/port_block.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::test {

// The processes of one cluster on this machine, with a data folder and ports of their own. One
// thread at a time; nodes end when the thread that started them does, or with this object.
class LocalCluster {
  public:
    struct Setup {
        std::filesystem::path folder;        // exists; gets config.json, data/ and the nodes' logs
        std::filesystem::path node_program;  // run as: <program> node <id> --config <file>
        std::uint32_t nodes = 0;
        std::uint64_t random = 0;  // where the search for ports starts
        // Nodes are started with --allow-faults: cli/fault tells them of faults. Only raftkv itself
        // understands that.
        bool allow_faults = false;
        // "SegmentMiB" of the configuration, if not its default.
        std::optional<std::uint32_t> segment_mib = std::nullopt;
        // "SnapshotLogMiB", likewise.
        std::optional<std::uint32_t> snapshot_log_mib = std::nullopt;
        // Nodes with addresses, which the file does not list: they are added to the cluster before
        // they are started.
        std::uint32_t spares = 0;
    };

    static Result<LocalCluster> create(const Setup& setup);

    // With the spares, which the nodes' own file does not have.
    const ClusterConfig& config() const { return config_; }
    std::vector<NodeId> all() const;
    std::vector<NodeId> first() const;  // without the spares
    std::vector<NodeId> spares() const;
    // Those that were started and not killed; the paused ones too.
    std::vector<NodeId> running() const;
    bool is_running(NodeId id) const { return children_.count(id) != 0; }
    bool is_paused(NodeId id) const;
    // Of a node that is running.
    pid_t pid(NodeId id) const { return children_.at(id).process.pid(); }

    // What the node's folder takes on disk now.
    std::uint64_t disk_bytes(NodeId id) const;

    // Starts the process; it may take a while until it answers. `joins`: it was added, and has an
    // empty disk; until that is wiped it is told each time whom to ask.
    Result<void> start(NodeId id, bool joins = false);
    // SIGKILL, and waits for the end. The node must be running.
    void kill(NodeId id);
    void kill_all();
    // SIGTERM, and waits for the end. An Error when that takes too long or is no good one.
    Result<void> stop(NodeId id);
    // From now on the node may end by itself with this exit code, until it has.
    void expect_end(NodeId id, int code) { expected_ends_.emplace(id, code); }
    // Those that have, since the last call: they do not run any more.
    std::set<std::pair<NodeId, int>> take_ended() { return std::exchange(ended_, {}); }
    // Until the node has ended by itself, with this exit code.
    Result<void> wait_for_end(NodeId id, int code, std::chrono::milliseconds limit);
    // Removes the folder of a node that does not run.
    Result<void> wipe(NodeId id);
    // SIGSTOP and SIGCONT.
    void pause(NodeId id);
    void resume(NodeId id);

    // An Error when a node has ended that nobody killed, and that was not expected to: with how,
    // and its last words.
    Result<void> check_alive();

  private:
    struct Child {
        cli::ChildProcess process;
        bool paused = false;
    };

    LocalCluster(Setup setup, PortBlock ports)
        : setup_(std::move(setup)), ports_(std::move(ports)) {}

    std::filesystem::path log_file(NodeId id) const;
    std::string whom_to_join(NodeId joining) const;

    Setup setup_;
    PortBlock ports_;
    ClusterConfig config_;
    std::map<NodeId, Child> children_;
    std::set<NodeId> joined_;  // those that were added
    std::set<std::pair<NodeId, int>> expected_ends_;
    std::set<std::pair<NodeId, int>> ended_;
};

}  // namespace raftkv::test
