#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "common/faults/fault_spec.hpp"
#include "node/raft/message.hpp"
#include "node/replica/ports.hpp"
#include "node/server/peer_events.hpp"

namespace raftkv::server {

// Stands between a replica and its connections, and loses or holds back messages. Connections are
// left alone, so nothing tells the ends that their messages vanish. While nothing can be heard
// from a peer, the end of its connection is not noticed either; while either direction is cut, no
// new connection seems to work. One thread.
class FaultyLinks final : public replica::NetworkPort, public PeerEvents {
  public:
    // Each direction of a link holds no more than this back; what comes on top is lost.
    static constexpr std::size_t most_waiting_bytes = 16u << 20;

    FaultyLinks(replica::Clock& clock, std::uint64_t seed) : clock_(clock), random_(seed) {}

    // Where messages go to, once they may. Set before any arrives, and outliving it.
    void lead_to(replica::NetworkPort& network) { network_ = &network; }
    void lead_to(PeerEvents& events) { events_ = &events; }

    // In the place of the rules before: those of `faults` that concern links.
    void obey(const std::vector<FaultSpec>& faults);
    // Hands over what has waited long enough.
    void advance();
    bool anything_waits() const { return waiting_ > 0; }

    void send(NodeId to, const raft::Message& message) override;
    void on_message(NodeId from, raft::Message message) override;
    void on_peer_connected(NodeId peer) override;
    void on_peer_disconnected(NodeId peer) override;
    void on_peer_folder(NodeId peer, std::uint64_t folder) override;
    void on_hello(const wire::Hello& hello) override;
    void on_refused(NodeId peer, const wire::Refusal& refusal) override;

  private:
    struct Trouble {
        bool cut = false;
        std::int64_t delay_ms = 0;
        std::int64_t drop = 0;  // of 10,000
    };
    struct Waiting {
        MonotonicMs since;
        std::size_t bytes = 0;
        raft::Message message;
    };
    struct Lane {
        std::deque<Waiting> waiting;
        std::size_t bytes = 0;
    };
    using Way = std::pair<FaultDirection, NodeId>;
    // A connection as the replica knows it, and as it is.
    struct Connection {
        bool told = false;
        bool actual = false;
        bool broke = false;  // since it was told
    };

    Trouble trouble_of(Way way) const;
    void pass(Way way, raft::Message message);
    void hand_over(Way way, raft::Message message);
    void settle(NodeId peer, Connection& connection);

    replica::Clock& clock_;
    std::mt19937_64 random_;
    replica::NetworkPort* network_ = nullptr;
    PeerEvents* events_ = nullptr;
    std::vector<FaultSpec> rules_;
    std::map<Way, Lane> lanes_;
    std::size_t waiting_ = 0;  // in all lanes
    std::map<NodeId, Connection> connections_;
};

}  // namespace raftkv::server
