#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "cli/test/history/history.hpp"
#include "common/strong_types.hpp"

namespace raftkv::chaos {

using test::Instant;

// A node said the same all along.
struct RoleSpan {
    Instant from, to;
    std::optional<cli::NodeRole> role;  // nothing: it did not answer
    Term term;
};

// What the nodes said of themselves, over a whole run. Any thread.
class RoleLog {
  public:
    // What a node says at this time; nothing when it does not answer. In the order of time.
    void note(NodeId node, const std::optional<cli::NodeStatus>& status, Instant now);

    // Who claims to lead, of those that answered last: in the newest term, when several do.
    std::optional<NodeId> leader() const;
    // Whether the node was heard the last time.
    bool answers(NodeId node) const;
    std::map<NodeId, std::vector<RoleSpan>> spans() const;

  private:
    mutable std::mutex mutex_;
    std::map<NodeId, std::vector<RoleSpan>> spans_;
};

}  // namespace raftkv::chaos
