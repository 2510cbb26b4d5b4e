#pragma once

#include <vector>

#include "common/config.hpp"
#include "common/server_moves.hpp"
#include "node/raft/member_change.hpp"
#include "node/raft/membership.hpp"

namespace raftkv::server {

// Members that were moved while nobody led (common/server_moves.hpp), until the log says it.
class Moves {
  public:
    explicit Moves(const ClusterConfig& config)
        : config_(config), moves_(load_moves(config.data_path)) {}

    // Where the node listens that the cluster knows at `known`.
    ServerConfig apply(const ServerConfig& known) const { return moved(known, moves_); }
    raft::Membership apply(raft::Membership members) const;
    // What the leader has yet to put into the log.
    std::vector<raft::MoveMember> left(const raft::Membership& members) const;
    // Removes the files that have done what they are for.
    void forget_done(const raft::Membership& committed);

  private:
    const ClusterConfig& config_;
    std::vector<ServerMove> moves_;
};

}  // namespace raftkv::server
