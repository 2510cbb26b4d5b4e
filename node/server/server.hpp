#pragma once

#include <memory>

#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

namespace raftkv::server {

struct ServerOptions {
    // Opens the control socket over which faults are told (faults/README.md).
    bool allow_faults = false;
};

// One node: the replica, its log, its sockets. One process has at most one.
class Server {
  public:
    // Takes the node's folder and ports, and replays its log. `config` has a server `id`.
    static Result<std::unique_ptr<Server>> open(const ClusterConfig& config, NodeId id,
                                                const ServerOptions& options);
    ~Server();

    // Serves until SIGTERM or SIGINT; then hands leadership over, finishes what is under way within
    // two seconds, and returns with everything synced.
    Result<void> run();

  private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
