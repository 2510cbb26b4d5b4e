#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"
#include "node/raft/member_change.hpp"
#include "node/replica/status.hpp"
#include "node/server/admin/admin_orders.hpp"

namespace raftkv::server {

// Who can be told to change the members.
class MemberChanges {
  public:
    virtual raft::ChangeStart change_members(const raft::MemberChange& change) = 0;
    // Why nobody can listen where this change puts a node: another member does. Nothing otherwise.
    virtual std::optional<std::string> taken_address(const raft::MemberChange& change) const = 0;
    // Of the entry that brought the membership that is in force.
    virtual LogIndex members_index() const = 0;
    virtual LogIndex commit_index() const = 0;
    virtual replica::Standing standing() const = 0;

  protected:
    ~MemberChanges() = default;
};

// Orders to change the members: POST /members/add, remove, promote, replace and move, with
// parameters in the query. Answered when the change is committed, or is not made.
class MemberOrders {
  public:
    MemberOrders(NodeId self, MemberChanges& changes) : self_(self), changes_(changes) {}

    // `target` as it stands in the request line, from "/members/" on.
    void take(std::string_view target, MonotonicMs now, AdminReply reply);
    // Looks what has become of the order; often, so that the time it took is right.
    void observe(MonotonicMs now);
    bool under_way() const { return order_.has_value(); }

  private:
    struct Order {
        LogIndex index;
        Term term;
        MonotonicMs begun;
        AdminReply reply;
    };

    AdminAnswer refusal(raft::ChangeStart why) const;
    std::optional<AdminAnswer> outcome(MonotonicMs now) const;

    const NodeId self_;
    MemberChanges& changes_;
    std::optional<Order> order_;
};

}  // namespace raftkv::server
