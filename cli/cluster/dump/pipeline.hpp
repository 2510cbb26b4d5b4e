#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/client/connection.hpp"
#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::cli::dump {

// Sends many commands at once to whoever leads, over one connection; for one thread. (A
// ClusterClient has one command under way at a time.)
class Pipeline {
  public:
    // `patience`: how long it may take until one more answer came.
    Pipeline(const ClusterConfig& config, std::chrono::milliseconds patience, int cancel_fd);

    // The answers, one for each request, never a redirect. Kind internal: the outcome of this one
    // is not known. An error of kind unavailable or interrupted: so are those of all. The requests
    // must be few enough for the buffers of sockets, and so their answers.
    Result<std::vector<OwnedReply>> call(const std::vector<protocol::Request>& requests);

  private:
    using Answers = std::vector<std::optional<OwnedReply>>;

    Result<void> connect();
    // Whether whoever is connected answers a read as the leader. Else somebody else should be
    // asked.
    bool leads(std::string_view key);
    // Sends what has no answer yet. False: somebody else should be asked.
    bool exchange(const std::vector<protocol::Request>& requests, Answers& answers);
    void ask_another();
    void follow(NodeId leader);
    Deadline proof_ends() const;

    std::vector<ServerConfig> servers_;
    const std::chrono::milliseconds patience_;
    const int cancel_fd_;
    std::size_t next_ = 0;  // of servers_: the one that is connected, or is tried next
    std::optional<NodeConnection> connection_;
    bool proven_ = false;  // a leader has answered over it
    // How long one node may take for that; doubled each time one took longer.
    std::chrono::milliseconds proof_within_{500};
    Deadline deadline_;
};

}  // namespace raftkv::cli::dump
