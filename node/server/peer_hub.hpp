#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/config.hpp"
#include "common/strong_types.hpp"
#include "node/raft/membership.hpp"
#include "node/raft/message.hpp"
#include "node/replica/ports.hpp"
#include "node/server/log_limiter.hpp"
#include "node/server/peer_events.hpp"
#include "node/server/peer_inbound.hpp"
#include "node/server/peer_link.hpp"
#include "node/server/poller.hpp"
#include "node/wire/admission.hpp"
#include "node/wire/introduction.hpp"

namespace raftkv::server {

// What a node tells the others about itself.
struct OwnIdentity {
    NodeId id;
    std::uint64_t guard = 0;  // "ClusterId" of the configuration; 0: none
    std::uint64_t folder = 0;
    std::string host;
    std::uint16_t log_port = 0;
};

// All connections between this node and the others: one that it makes to each, to speak, and one
// that each makes to it, to listen.
//
// Whoever connects must belong to the cluster, with the folder that it is known to have. What a
// caller says about itself counts for nothing else: nobody is believed to be a member, and no
// address is connected to, because somebody called. A node that was away while members changed
// hears of the new ones from those that it knows: to whom it connects tells it the members, where
// it knows more. The connection with a member that was removed ends a while later.
class PeerHub final : public replica::NetworkPort, private InboundOwner {
  public:
    // Knows nobody yet. `config` says where those are who have no address in a membership; it
    // outlives the hub.
    PeerHub(boost::asio::io_context& io, Poller& poller, const ClusterConfig& config,
            OwnIdentity self, PeerEvents& events, MonotonicMs now);
    ~PeerHub() override;

    // Begins to connect to the others.
    void start();
    // Not from within an event.
    void set_members(const raft::MembershipAt& in_force, const raft::MembershipAt& applied);
    // Whoever is trusted like the configuration says that these are the members.
    void introduce(raft::MembershipAt members);
    // The newest members that it knows of.
    const raft::Membership& newest_members() const;
    // Which cluster this node belongs to, and whether it takes part in making one while it is none:
    // otherwise it listens to nobody. Not from within an event.
    void set_claim(const raft::Claim& claim, bool takes_part);
    // All connections, since what was said on them was for something else: this node has joined a
    // cluster. Not from within an event.
    void begin_anew();
    // Takes over a socket that somebody connected to the LogPort.
    void adopt(int fd);
    void send(NodeId to, const raft::Message& message) override;
    // Sends what the turn brought, one write a peer.
    void end_of_turn();
    // About once a second: closes strangers that say nothing, and who was removed a while ago.
    void sweep(MonotonicMs now);

    bool is_connected(NodeId id) const;
    // Why a member is not let in, if it tried since it was connected last.
    std::optional<std::string> refusal_of(NodeId id) const;

  private:
    struct Peer {
        NodeId id;
        std::string host;
        std::uint16_t port = 0;
        std::unique_ptr<PeerLink> link;
        PeerInbound* inbound = nullptr;  // the latest one that said a valid Hello
        bool connected = false;          // link and inbound are both up, and the owner was told
        bool member = true;              // otherwise it stays while its inbound does
        std::optional<MonotonicMs> left_at = {};  // it was a member, and is none any more
        std::optional<wire::Refusal::Reason> refused_for = {};
        bool gone = false;  // to be forgotten at the end of the turn
    };

    std::optional<Rejection> on_hello(PeerInbound& connection, const wire::Hello& hello) override;
    void on_message(NodeId from, raft::Message message) override;
    void on_inbound_closed(PeerInbound& connection, const std::string& reason) override;

    std::optional<Rejection> judge(const wire::Hello& hello) const;
    std::optional<Rejection> judge_claim(const wire::Hello& hello) const;
    void follow_members();
    void tell_members(PeerInbound& connection);
    Peer* find(NodeId id);
    std::string hello_to(NodeId id) const;
    void know(const raft::Member& member);
    void connect(Peer& peer, const std::string& host, std::uint16_t port);
    void drop(Peer& peer);
    void link_changed(NodeId id);
    void hear(NodeId id, wire::ComesBack answer);
    void update(Peer& peer);
    void make_room_for_stranger();
    void note_refusal(NodeId id, const std::string& why);

    boost::asio::io_context& io_;
    Poller& poller_;
    PeerEvents& events_;
    const ClusterConfig& config_;
    const OwnIdentity self_;
    wire::KnownMembers known_;
    bool introduced_ = false;  // in this turn
    raft::Claim claim_;
    bool takes_part_ = true;
    MonotonicMs now_;
    const std::size_t max_strangers_;
    bool started_ = false;
    std::string scratch_;
    std::vector<std::unique_ptr<Peer>> peers_;
    std::vector<std::unique_ptr<PeerLink>> old_links_;  // until the end of the turn
    std::vector<std::unique_ptr<PeerInbound>> inbounds_;
    bool any_closed_ = false;  // of inbounds_
    bool any_gone_ = false;    // of peers_
    LogLimiter refusals_;
    std::vector<std::pair<NodeId, std::string>> refused_members_;  // the latest reason for each
};

}  // namespace raftkv::server
