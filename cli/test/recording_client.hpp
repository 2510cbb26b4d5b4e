#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "cli/client/connection.hpp"
#include "cli/test/history/history.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::test {

// A client that writes down what it did. Every value it writes is different from all others of all
// clients, and has line ends and zero bytes in it. For one thread.
//
// Functions give the recorded operation. An Error says that the cluster has left the protocol
// (kind failed), or that the user interrupts; an outcome, whatever it is, is no Error.
class RecordingClient {
  public:
    struct Setup {
        std::uint32_t id = 0;
        std::uint64_t seed = 0;
        std::chrono::milliseconds timeout{10'000};
        // For getm_at() and its halves.
        std::chrono::milliseconds node_timeout{10'000};
        int cancel_fd = -1;
        std::optional<NodeId> avoid;  // never asked, except by name
    };

    RecordingClient(const ClusterConfig& config, const Setup& setup);

    // The key's value will have `size` bytes; at least the few that make it unique.
    Result<Operation> set(const std::string& key, std::uint32_t exptime_s, std::size_t size);
    Result<Operation> cas(const std::string& key, std::uint64_t version, std::uint32_t exptime_s,
                          std::size_t size);
    Result<Operation> del(const std::string& key);
    Result<Operation> get(const std::string& key);
    Result<Operation> getm(const std::string& key);

    // Asks just this node for the key, by getm. It may answer by itself, and is held to what it
    // says; when it redirects or cannot be reached, the outcome is not_done.
    Result<Operation> getm_at(NodeId node, const std::string& key);
    // The same in two halves: between them the question is on its way, or waits in the sockets of
    // a node that is paused.
    Result<void> send_getm(NodeId node, const std::string& key);
    Result<Operation> receive_getm();

    // Who answered the last call that was answered.
    std::optional<NodeId> answered_by() const { return answered_by_; }
    const History& history() const { return history_; }

  private:
    Result<Operation> perform(const protocol::Request& request);
    Result<cli::NodeConnection*> connection_to(NodeId node, cli::Deadline deadline);
    Result<Operation> record(Operation operation, const Result<cli::OwnedReply>& reply);
    std::string make_value(std::size_t size);

    const ClusterConfig& config_;
    Setup setup_;
    std::mt19937_64 random_;
    cli::ClusterClient client_;
    std::map<NodeId, cli::NodeConnection> connections_;  // for send_getm()
    struct Question {
        NodeId node;
        Operation operation;
        Result<void> sent;
    };
    std::optional<Question> question_;  // between send_getm() and receive_getm()
    std::uint64_t values_made_ = 0;
    std::optional<NodeId> answered_by_;
    History history_;
};

}  // namespace raftkv::test
