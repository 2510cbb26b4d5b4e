#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "common/strong_types.hpp"
#include "node/raft/membership.hpp"
#include "node/replica/ports.hpp"
#include "node/replica/status.hpp"

namespace raftkv::server {

// When each of the others was last heard, for reports: "connected" is who was heard within two
// heartbeats. A connection alone says little, as one whose other end vanished stays for a while.
// A leader and its followers hear of each other all the time; followers greet one another.
class PeerContacts {
  public:
    PeerContacts(NodeId self, std::int64_t heartbeat_ms)
        : self_(self), heartbeat_ms_(heartbeat_ms) {}

    // About every 5 ms: moves the time, and sends the greetings that are due.
    void tick(MonotonicMs now, const replica::Standing& standing, const raft::Membership& members,
              replica::NetworkPort& network);
    void heard(NodeId from);
    bool is_heard(NodeId id) const;

  private:
    const NodeId self_;
    const std::int64_t heartbeat_ms_;
    MonotonicMs now_;
    MonotonicMs greeted_;
    std::vector<std::pair<NodeId, MonotonicMs>> heard_;
};

}  // namespace raftkv::server
