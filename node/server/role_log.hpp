#pragma once

#include "common/strong_types.hpp"
#include "node/replica/status.hpp"

namespace raftkv::server {

// Says in the log when role, term, leader or room change, or when there is a problem, and has every
// line carry node, role and term. While there is no leader, it says so at growing distances,
// whatever is tried meanwhile.
class RoleLog {
  public:
    RoleLog(NodeId id, const replica::Standing& now);

    void observe(const replica::Standing& standing, MonotonicMs now);

  private:
    void set_context();
    void tell_problems(const replica::Standing& before) const;
    void tell_role(const replica::Standing& before, MonotonicMs now);
    void tell_the_rest(const replica::Standing& before) const;

    const NodeId id_;
    replica::Standing last_;
    MonotonicMs without_leader_since_;
    MonotonicMs silent_until_;
    std::int64_t pause_ms_ = 0;  // from the last line about it to the next; 0: none was said
};

}  // namespace raftkv::server
