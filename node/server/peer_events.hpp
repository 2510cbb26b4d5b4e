#pragma once

#include <cstdint>

#include "common/strong_types.hpp"
#include "node/raft/message.hpp"
#include "node/wire/greeting.hpp"

namespace raftkv::server {

// What the connections to the other nodes tell.
class PeerEvents {
  public:
    virtual void on_message(NodeId from, raft::Message message) = 0;
    // Both directions work: questions reach the peer and its answers come back.
    virtual void on_peer_connected(NodeId peer) = 0;
    // One direction ended. When the process of the peer died this comes within a millisecond.
    virtual void on_peer_disconnected(NodeId peer) = 0;
    // A peer that connected has this data folder.
    virtual void on_peer_folder(NodeId peer, std::uint64_t folder) = 0;
    // Somebody said who it is, whether it may speak here or not.
    virtual void on_hello(const wire::Hello& hello) { (void)hello; }
    // A peer does not take connections from this node.
    virtual void on_refused(NodeId peer, const wire::Refusal& refusal) = 0;

  protected:
    ~PeerEvents() = default;
};

}  // namespace raftkv::server
