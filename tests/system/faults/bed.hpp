#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "cli/client/connection.hpp"
#include "cli/test/local_cluster.hpp"
#include "cli/test/work_folder.hpp"

namespace raftkv::system_test {

// Asks again and again; false when the answer was no for so long.
template <class Question>
bool comes_true(Question question, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    auto deadline = std::chrono::steady_clock::now() + limit;
    while (!question()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        ::poll(nullptr, 0, 5);
    }
    return true;
}

// Real nodes that allow faults, and a client of them.
class FaultBed {
  public:
    // With `snapshot_log_mib` the log has small segments, too.
    explicit FaultBed(std::uint32_t nodes, bool allow_faults = true,
                      std::optional<std::uint32_t> snapshot_log_mib = std::nullopt);

    test::LocalCluster& cluster() { return cluster_; }
    const ClusterConfig& config() const { return cluster_.config(); }
    // Of the whole cluster, for less than `limit`.
    cli::ClusterClient client(std::chrono::milliseconds limit = std::chrono::seconds(20)) const;

    // As `raftkv cluster fault` takes it; must succeed.
    void fault(const std::string& words);
    void heal();

    std::optional<cli::NodeStatus> status(NodeId id) const;
    // Until one of those that are asked leads, in a term that none of the others knows a later one
    // of, and all of them follow it. Fails the test when that takes too long.
    NodeId leader_of(const std::vector<NodeId>& nodes) const;
    NodeId leader() const { return leader_of(cluster_.running()); }
    std::vector<NodeId> others(NodeId id) const;
    // Until all running nodes have applied the same, with nothing left to commit.
    void expect_level() const;

    // Acknowledged or not; what is acknowledged is remembered.
    bool set(cli::ClusterClient& client, const std::string& key, const std::string& value,
             std::uint32_t exptime_s = 0);
    // Sets so many keys, and counts the acknowledged ones.
    int set_many(cli::ClusterClient& client, int count);
    // All that was acknowledged is there.
    void expect_nothing_lost();

    std::string log(NodeId id) const;

  private:
    test::WorkFolder work_;
    test::LocalCluster cluster_;
    std::map<std::string, std::string> acknowledged_;
    int keys_ = 0;
};

protocol::Request get_of(std::string_view key);
protocol::Request set_of(std::string_view key, std::string_view value, std::uint32_t exptime_s = 0);

// One command to one node, whatever it answers: nothing when no answer came in time.
std::optional<cli::OwnedReply> ask_node(const ServerConfig& server,
                                        const protocol::Request& request,
                                        std::chrono::milliseconds limit);

}  // namespace raftkv::system_test
