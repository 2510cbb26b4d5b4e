#pragma once

#include <optional>

#include "common/strong_types.hpp"
#include "node/raft/role.hpp"
#include "node/replica/status.hpp"

namespace raftkv::server {

// Says in the log when role, term, leader or room change, and has every line carry node, role and
// term.
class RoleLog {
  public:
    explicit RoleLog(NodeId id);

    void observe(const replica::Status& status);

  private:
    void set_context();

    const NodeId id_;
    raft::Role role_ = raft::Role::follower;
    Term term_;
    std::optional<NodeId> leader_;
    bool has_room_ = true;
};

}  // namespace raftkv::server
