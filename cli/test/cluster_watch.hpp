#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "cli/test/interrupt.hpp"
#include "cli/test/local_cluster.hpp"
#include "cli/test/verdict/state_dump.hpp"
#include "cli/test/verdict/term_ledger.hpp"

namespace raftkv::test {

using Statuses = std::map<NodeId, cli::NodeStatus>;

// Told what a node says, or that it does not answer; from any thread, for one node in order.
using Observer = std::function<void(NodeId, const std::optional<cli::NodeStatus>&)>;

// Looks at the nodes' admin ports: threads of its own note all along who claims to lead in which
// term, and the waits below look until something holds. Every wait ends early, with an Error, when
// a node has died by itself, when two nodes led in one term, or when the user interrupts.
class ClusterWatch {
  public:
    // `on_status` may be empty.
    ClusterWatch(LocalCluster& cluster, const Interrupt& interrupt, Observer on_status = {});
    ClusterWatch(const ClusterWatch&) = delete;
    ClusterWatch& operator=(const ClusterWatch&) = delete;
    ~ClusterWatch();

    // What the running nodes say now; those that do not answer, and paused ones, are missing.
    Statuses look();

    // Looks again and again until `holds` does. When it does not within `limit`, the Error says
    // that `what` did not come about, and what the nodes last said.
    Result<void> wait_until(const std::string& what, std::chrono::milliseconds limit,
                            const std::function<bool(const Statuses&)>& holds);

    // Until one node leads and all other running ones follow it.
    Result<NodeId> wait_for_leader(std::chrono::milliseconds limit);
    // Until the node follows a leader, or leads, and has applied all that is committed.
    Result<void> wait_until_caught_up(NodeId id, std::chrono::milliseconds limit);
    // Until all running nodes have applied the same, with nothing left to commit.
    Result<void> wait_until_level(std::chrono::milliseconds limit);

    // The applied state of every running node, all of them at the same applied index.
    Result<std::vector<StateDump>> dump_states(std::chrono::milliseconds limit);

    // An Error as soon as something has happened that must not.
    Result<void> check();

    std::size_t terms_led() const;

  private:
    std::optional<cli::NodeStatus> ask(const ServerConfig& server,
                                       std::chrono::milliseconds answers_within);
    Result<StateDump> dump_state(NodeId id);
    void watch(const ServerConfig& server);

    LocalCluster& cluster_;
    const Interrupt& interrupt_;
    const Observer on_status_;
    mutable std::mutex mutex_;  // guards the two below
    TermLedger ledger_;
    std::optional<std::string> complaint_;
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> threads_;  // one a node: those that hang do not hold others up
};

}  // namespace raftkv::test
