#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/config.hpp"
#include "common/strong_types.hpp"
#include "node/raft/message.hpp"
#include "node/replica/ports.hpp"
#include "node/server/log_limiter.hpp"
#include "node/server/peer_events.hpp"
#include "node/server/peer_inbound.hpp"
#include "node/server/peer_link.hpp"
#include "node/server/poller.hpp"

namespace raftkv::server {

// All connections between this node and the others: one that it makes to each, to speak, and one
// that each makes to it, to listen.
class PeerHub final : public replica::NetworkPort, private InboundOwner {
  public:
    PeerHub(boost::asio::io_context& io, Poller& poller, const ClusterConfig& config,
            std::uint64_t cluster_id, NodeId self, PeerEvents& events, MonotonicMs now);
    ~PeerHub() override;

    // Begins to connect to the others.
    void start();
    // Takes over a socket that somebody connected to the LogPort.
    void adopt(int fd);
    void send(NodeId to, const raft::Message& message) override;
    // Sends what the turn brought, one write a peer.
    void end_of_turn();
    // About once a second: closes strangers that say nothing.
    void sweep(MonotonicMs now);

  private:
    struct Peer {
        NodeId id;
        std::unique_ptr<PeerLink> link;
        PeerInbound* inbound = nullptr;  // the latest one that said a valid Hello
        bool connected = false;          // link and inbound are both up, and the owner was told
    };

    std::optional<std::string> on_hello(PeerInbound& connection, const wire::Hello& hello) override;
    void on_message(NodeId from, raft::Message message) override;
    void on_inbound_closed(PeerInbound& connection, const std::string& reason) override;

    Peer* find(NodeId id);
    void link_changed(NodeId id);
    void update(Peer& peer);
    void make_room_for_stranger();

    Poller& poller_;
    PeerEvents& events_;
    const std::uint64_t cluster_id_;
    const NodeId self_;
    MonotonicMs now_;
    std::string scratch_;
    std::vector<Peer> peers_;
    std::vector<std::unique_ptr<PeerInbound>> inbounds_;
    bool any_closed_ = false;  // of inbounds_
    LogLimiter refusals_;
};

}  // namespace raftkv::server
