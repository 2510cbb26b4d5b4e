#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"
#include "node/server/membership_start.hpp"

namespace raftkv::server {

struct ServerOptions {
    // Opens the control socket over which faults are told (faults/README.md).
    bool allow_faults = false;
    // What it was told by a member that it asked; an Error: why there is nothing, though it asked.
    std::optional<Result<JoinAdvice>> join = {};
    // Asks anew, which may take seconds; empty where it was told of nobody whom it could ask.
    std::function<Result<JoinAdvice>()> ask_again = {};
};

// One node: the replica, its log, its sockets. One process has at most one.
class Server {
  public:
    // Takes the node's folder and ports, and replays its log. An Error of kind usage when the node
    // is no member of the cluster, as far as it can tell.
    static Result<std::unique_ptr<Server>> open(const ClusterConfig& config, NodeId id,
                                                const ServerOptions& options);
    ~Server();

    // Serves until SIGTERM or SIGINT; then hands leadership over, finishes what is under way within
    // two seconds, and returns with everything synced. So it ends, too, with an Error of kind
    // usage, when it hears that it was removed or that its folder is not that of a member.
    Result<void> run();

  private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace raftkv::server
