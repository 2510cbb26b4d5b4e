#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "cli/client/connection.hpp"
#include "cli/cluster/child_process.hpp"
#include "cli/test/work_folder.hpp"
#include "common/config.hpp"

namespace raftkv::system_test {

// Asks again and again; false when the answer was no for so long.
template <class Question>
bool comes_true(Question question, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    auto deadline = std::chrono::steady_clock::now() + limit;
    while (!question()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        ::poll(nullptr, 0, 10);
    }
    return true;
}

// A config.json with a node on each machine of PrivateWorld.
std::string config_of_machines(std::uint32_t nodes);

// Nodes as on machines of their own: each in a network of its own, and with a small disk if asked.
// This process, and so its clients, is on one more machine. PrivateWorld has been entered.
class Machines {
  public:
    explicit Machines(std::uint32_t nodes, std::optional<std::uint64_t> disk_bytes = std::nullopt);

    Machines(const Machines&) = delete;
    Machines& operator=(const Machines&) = delete;
    ~Machines();

    void start(NodeId id);
    void kill(NodeId id);
    const ClusterConfig& config() const { return config_; }
    std::vector<NodeId> all() const;
    std::vector<NodeId> others(NodeId id) const;
    std::optional<cli::NodeStatus> status(NodeId id) const;

    // Until they agree on one of them. Fails the test when that takes too long.
    NodeId leader_of(const std::vector<NodeId>& nodes) const;
    void expect_level() const;

    // Until the write is acknowledged; one whose outcome is unknown is given up for the next key.
    void set_one(const std::string& value = "v");
    void expect_nothing_lost() const;

  private:
    test::WorkFolder work_;
    const bool has_disks_;
    ClusterConfig config_;
    std::map<NodeId, cli::ChildProcess> children_;
    // One for all writes: a new one would first ask a node that knows no leader, and wait for it.
    std::optional<cli::ClusterClient> writer_;
    std::map<std::string, std::string> acknowledged_;
    int keys_ = 0;
};

}  // namespace raftkv::system_test
