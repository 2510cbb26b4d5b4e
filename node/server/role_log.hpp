#pragma once

#include "common/strong_types.hpp"
#include "node/replica/status.hpp"

namespace raftkv::server {

// Says in the log when role, term, leader or room change, or when there is a problem, and has every
// line carry node, role and term.
class RoleLog {
  public:
    RoleLog(NodeId id, const replica::Standing& now);

    void observe(const replica::Standing& now);

  private:
    void set_context();
    void tell_problems(const replica::Standing& before) const;

    const NodeId id_;
    replica::Standing last_;
};

}  // namespace raftkv::server
