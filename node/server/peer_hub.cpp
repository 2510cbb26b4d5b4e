#include "node/server/peer_hub.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/log.hpp"
#include "node/wire/peer_codec.hpp"

namespace raftkv::server {
namespace {

constexpr std::size_t scratch_bytes = 256u << 10;
constexpr std::size_t max_strangers = 64;
constexpr std::int64_t hello_within_ms = 2000;

std::string text(NodeId id) {
    return "node " + std::to_string(id.value());
}

// A machine that vanished without a word is noticed in some ten seconds.
void keep_alive(int fd) {
    int on = 1, idle_s = 5, interval_s = 2, count = 3;
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof(interval_s));
    ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

}  // namespace

PeerHub::PeerHub(boost::asio::io_context& io, Poller& poller, const ClusterConfig& config,
                 std::uint64_t cluster_id, NodeId self, PeerEvents& events, MonotonicMs now)
    : poller_(poller),
      events_(events),
      cluster_id_(cluster_id),
      self_(self),
      now_(now),
      scratch_(scratch_bytes, '\0') {
    for (const ServerConfig& server : config.servers) {
        if (server.id == self) continue;
        std::string hello;
        wire::encode_hello({.cluster_id = cluster_id_, .from = self, .to = server.id}, hello);
        auto link =
            std::make_unique<PeerLink>(io, poller, server.host, server.log_port, std::move(hello),
                                       [this, id = server.id] { link_changed(id); });
        peers_.push_back({.id = server.id, .link = std::move(link)});
    }
}

PeerHub::~PeerHub() = default;

void PeerHub::start() {
    for (Peer& peer : peers_) peer.link->start();
}

void PeerHub::adopt(int fd) {
    make_room_for_stranger();
    keep_alive(fd);
    InboundOwner& owner = *this;
    auto connection = std::make_unique<PeerInbound>(poller_, owner, scratch_, fd, now_);
    if (connection->start()) inbounds_.push_back(std::move(connection));
}

// The oldest stranger goes when there are too many: a flood of them must not keep peers out.
void PeerHub::make_room_for_stranger() {
    PeerInbound* oldest = nullptr;
    std::size_t strangers = 0;
    for (auto& connection : inbounds_) {
        if (connection->closed() || connection->from()) continue;
        if (oldest == nullptr) oldest = connection.get();
        ++strangers;
    }
    if (strangers >= max_strangers) oldest->close("too many connections are waiting here");
}

void PeerHub::send(NodeId to, const raft::Message& message) {
    if (Peer* peer = find(to)) peer->link->send(message);
}

void PeerHub::end_of_turn() {
    for (Peer& peer : peers_) peer.link->flush();
    if (!std::exchange(any_closed_, false)) return;
    std::erase_if(inbounds_, [](const auto& connection) { return connection->closed(); });
}

void PeerHub::sweep(MonotonicMs now) {
    now_ = now;
    for (auto& connection : inbounds_) {
        if (connection->closed()) continue;
        connection->shrink();
        bool late = !connection->from() && now - connection->accepted() > hello_within_ms;
        if (late) connection->close("it said nothing that a node says");
    }
}

std::optional<std::string> PeerHub::on_hello(PeerInbound& connection, const wire::Hello& hello) {
    if (hello.cluster_id != cluster_id_) return "it belongs to another cluster";
    if (hello.to != self_) return "it wants to speak to " + text(hello.to);
    Peer* peer = find(hello.from);
    if (peer == nullptr) return "no other node of this cluster has the id it gave";
    // A second connection of a peer: it has lost the first, whether that was noticed here or not.
    PeerInbound* earlier = std::exchange(peer->inbound, &connection);
    if (earlier != nullptr) earlier->close("");
    peer->link->hurry();
    update(*peer);
    return std::nullopt;
}

void PeerHub::on_message(NodeId from, raft::Message message) {
    events_.on_message(from, std::move(message));
}

void PeerHub::on_inbound_closed(PeerInbound& connection, const std::string& reason) {
    any_closed_ = true;
    for (Peer& peer : peers_) {
        if (peer.inbound != &connection) continue;
        peer.inbound = nullptr;
        if (!reason.empty()) log::warn("closed the connection of " + text(peer.id) + ": " + reason);
        return update(peer);
    }
    if (!reason.empty()) refusals_.warn(now_, "refused a connection to the LogPort: " + reason);
}

PeerHub::Peer* PeerHub::find(NodeId id) {
    auto found = std::find_if(peers_.begin(), peers_.end(),
                              [id](const Peer& peer) { return peer.id == id; });
    return found == peers_.end() ? nullptr : &*found;
}

void PeerHub::link_changed(NodeId id) {
    if (Peer* peer = find(id)) update(*peer);
}

void PeerHub::update(Peer& peer) {
    bool connected = peer.link->up() && peer.inbound != nullptr;
    if (connected == peer.connected) return;
    peer.connected = connected;
    if (connected) {
        peer.link->mark_useful();
        log::info("connected with " + text(peer.id));
        events_.on_peer_connected(peer.id);
    } else {
        log::info("lost the connection with " + text(peer.id));
        events_.on_peer_disconnected(peer.id);
    }
}

}  // namespace raftkv::server
