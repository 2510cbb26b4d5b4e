#pragma once

#include <functional>
#include <string_view>

#include "node/server/admin/admin_routes.hpp"

namespace raftkv::server {

using AdminReply = std::function<void(AdminAnswer)>;

// What a node can be told to do over its admin port.
class AdminOrders {
  public:
    // A POST; `target` as it stands in the request line. Calls `reply` exactly once, when the order
    // is carried out or cannot be: at once or later.
    virtual void order(std::string_view target, AdminReply reply) = 0;

  protected:
    ~AdminOrders() = default;
};

}  // namespace raftkv::server
