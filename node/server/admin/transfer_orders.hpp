#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/strong_types.hpp"
#include "node/raft/transfer_start.hpp"
#include "node/replica/status.hpp"
#include "node/server/admin/admin_orders.hpp"

namespace raftkv::server {

// Who can be told to hand over.
class Leadership {
  public:
    virtual raft::TransferStart transfer(std::optional<NodeId> target) = 0;
    virtual replica::Standing standing() const = 0;

  protected:
    ~Leadership() = default;
};

// Orders to hand leadership over, and how they end: POST /transfer?to=<id>, or without an id to the
// most advanced follower. Answered when the new leader is known here, or nobody took over.
class TransferOrders {
  public:
    // `patience_ms`: how long a leader tries, and then how long the next one may take to be known.
    TransferOrders(NodeId self, Leadership& leadership, std::uint32_t patience_ms);

    // `query` is what follows the question mark.
    void take(std::string_view query, MonotonicMs now, AdminReply reply);
    // Looks what has become of the order; often, so that the time it took is right.
    void observe(MonotonicMs now);
    bool under_way() const { return order_.has_value(); }

  private:
    struct Order {
        NodeId to;
        Term term;
        MonotonicMs begun;
        AdminReply reply;
    };

    AdminAnswer refusal(raft::TransferStart why, std::optional<NodeId> to) const;
    std::optional<AdminAnswer> outcome(MonotonicMs now) const;

    const NodeId self_;
    Leadership& leadership_;
    const std::uint32_t patience_ms_;
    std::optional<Order> order_;
};

}  // namespace raftkv::server
