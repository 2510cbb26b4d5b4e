#include "node/server/peer_hub.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "common/check.hpp"
#include "common/log.hpp"
#include "node/server/cluster_advice.hpp"
#include "node/server/descriptor_limit.hpp"
#include "node/server/member_address.hpp"
#include "node/wire/peer_codec.hpp"

namespace raftkv::server {
namespace {

constexpr std::size_t peer_scratch_bytes = 256u << 10;
constexpr std::int64_t hello_within_ms = 2000;
// For a member that was removed to be told so, and to end by itself.
constexpr std::int64_t stays_ms = 10'000;

std::string text(NodeId id) {
    return "node " + std::to_string(id.value());
}

std::string text(wire::Refusal::Reason reason) {
    switch (reason) {
        case wire::Refusal::Reason::other_cluster:
            return "it belongs to another cluster";
        case wire::Refusal::Reason::removed:
            return "this node was removed from the cluster";
        case wire::Refusal::Reason::other_folder:
            return "this node has another data folder than the member with its id";
        case wire::Refusal::Reason::not_a_member:
            return "it knows no member with the id of this node";
    }
    check_failed("a reason", __FILE__, __LINE__);
}

std::string hex(std::uint64_t number) {
    return fmt::format("{:016x}", number);
}

// Why somebody is refused, for people.
std::string about(const wire::Hello& caller, wire::Refusal::Reason reason) {
    using Reason = wire::Refusal::Reason;
    const std::string name = text(caller.from);
    if (reason == Reason::removed) return name + " was removed from the cluster";
    if (reason == Reason::not_a_member) return "no other node of this cluster has the id it gave";
    return name +
           (caller.cluster_id == 0 ? " has an empty data folder, and was a member"
                                   : " has another data folder than the member") +
           " with its id. If its disk is lost: \"raftkv cluster remove " +
           std::to_string(caller.from.value()) + "\", then add it again";
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
                 OwnIdentity self, PeerEvents& events, MonotonicMs now)
    : io_(io),
      poller_(poller),
      events_(events),
      config_(config),
      self_(std::move(self)),
      now_(now),
      max_strangers_(share_descriptors(raise_descriptor_limit()).strangers),
      scratch_(peer_scratch_bytes, '\0') {}

PeerHub::~PeerHub() = default;

void PeerHub::start() {
    started_ = true;
    for (auto& peer : peers_) peer->link->start();
}

void PeerHub::set_members(const raft::MembershipAt& in_force, const raft::MembershipAt& applied) {
    // Whoever was refused may be let in now.
    if (in_force.index != known_.in_force.index) refused_members_.clear();
    known_.in_force = in_force;
    known_.applied = applied;
    if (known_.introduced && known_.introduced->index <= in_force.index) known_.introduced.reset();
    follow_members();
}

void PeerHub::introduce(raft::MembershipAt members) {
    const LogIndex known = std::max(known_.in_force.index, known_.applied.index);
    if (members.index <= known) return;
    if (known_.introduced && members.index <= known_.introduced->index) return;
    log::info("hears of newer members than those in its log, as of entry " +
              std::to_string(members.index.value()));
    known_.introduced = std::move(members);
    introduced_ = true;
}

const raft::Membership& PeerHub::newest_members() const {
    return known_.introduced ? known_.introduced->members : known_.in_force.members;
}

// Connects to all that are members as far as this node knows, each where the newest membership that
// has it says.
void PeerHub::follow_members() {
    std::vector<NodeId> seen{self_.id};
    const auto follow = [&](const raft::Membership& members) {
        for (const raft::Member& member : members.members) {
            if (std::find(seen.begin(), seen.end(), member.id) != seen.end()) continue;
            seen.push_back(member.id);
            know(member);
        }
    };
    if (known_.introduced) follow(known_.introduced->members);
    follow(known_.in_force.members);
    follow(known_.applied.members);
    for (auto& peer : peers_) {
        if (peer->gone) continue;
        if (std::find(seen.begin(), seen.end(), peer->id) == seen.end()) {
            if (peer->member) peer->left_at = now_;
            peer->member = false;
            if (peer->inbound == nullptr) drop(*peer);
        } else if (peer->inbound != nullptr) {
            const auto refusal =
                wire::judge_caller(known_, peer->id, peer->inbound->hello().folder);
            if (refusal && refusal->reason == wire::Refusal::Reason::other_folder)
                peer->inbound->close("it has another data folder than the member with its id");
        }
        if (peer->inbound != nullptr) tell_members(*peer->inbound);
    }
}

// To who is behind, the members, in case it cannot hear of them from a leader that it does not
// know.
void PeerHub::tell_members(PeerInbound& connection) {
    if (connection.hello().members_index < known_.applied.index)
        connection.introduce(known_.applied);
}

// Connects to a member as the membership has it.
void PeerHub::know(const raft::Member& member) {
    const std::optional<ServerConfig> where = address_of(member, config_);
    if (!where) {
        log::warn("neither the configuration nor the log says where " + text(member.id) + " is");
        return;
    }
    Peer* peer = find(member.id);
    if (peer == nullptr) {
        peers_.push_back(std::make_unique<Peer>());
        peer = peers_.back().get();
        peer->id = member.id;
    }
    peer->member = true;
    peer->left_at.reset();
    const bool moved = peer->host != where->host || peer->port != where->log_port;
    // Whoever moves is to have the entry that says so, and the majority may need it: what may be
    // taken back does not take its connection away.
    const bool certain = known_.in_force.index <= known_.applied.index;
    if (!peer->link || (moved && (certain || !peer->connected)))
        connect(*peer, where->host, where->log_port);
}

// In the place of the link before, if there is one.
void PeerHub::connect(Peer& peer, const std::string& host, std::uint16_t port) {
    if (peer.link) old_links_.push_back(std::move(peer.link));
    peer.host = host;
    peer.port = port;
    peer.link = std::make_unique<PeerLink>(
        io_, poller_, host, port,
        PeerLink::Calls{.hello = [this, id = peer.id] { return hello_to(id); },
                        .changed = [this, id = peer.id] { link_changed(id); },
                        .heard = [this, id = peer.id](
                                     wire::ComesBack answer) { hear(id, std::move(answer)); }});
    update(peer);
    if (started_) peer.link->start();
}

std::string PeerHub::hello_to(NodeId id) const {
    std::string bytes;
    const raft::Member* receiver = newest_members().find(id);
    wire::encode_hello({.cluster_id = claim_.cluster,
                        .from = self_.id,
                        .to = id,
                        .folder = self_.folder,
                        .members_index = known_.in_force.index,
                        .host = self_.host,
                        .log_port = self_.log_port,
                        .guard = self_.guard,
                        .founding = claim_.founding,
                        .founding_term = claim_.founding_term,
                        .is_member = receiver != nullptr,
                        .known_folder = receiver != nullptr ? receiver->folder : 0},
                       bytes);
    return bytes;
}

void PeerHub::set_claim(const raft::Claim& claim, bool takes_part) {
    const bool turned_away = claim.cluster == 0 && takes_part_ && !takes_part;
    claim_ = claim;
    takes_part_ = takes_part;
    if (turned_away) begin_anew();
}

void PeerHub::begin_anew() {
    if (!started_) return;
    for (auto& connection : inbounds_)
        if (!connection->closed() && connection->from()) connection->close("");
    for (auto& peer : peers_)
        if (!peer->gone) connect(*peer, std::string(peer->host), peer->port);
}

void PeerHub::drop(Peer& peer) {
    peer.gone = true;
    any_gone_ = true;
    update(peer);
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
    if (strangers >= max_strangers_) oldest->close("too many connections are waiting here");
}

void PeerHub::send(NodeId to, const raft::Message& message) {
    if (Peer* peer = find(to)) peer->link->send(message);
}

void PeerHub::end_of_turn() {
    if (std::exchange(introduced_, false)) follow_members();
    for (auto& peer : peers_) peer->link->flush();
    old_links_.clear();
    if (std::exchange(any_gone_, false))
        std::erase_if(peers_, [](const auto& peer) { return peer->gone; });
    if (std::exchange(any_closed_, false))
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
    for (auto& peer : peers_) {
        const bool over = !peer->gone && peer->left_at && now - *peer->left_at > stays_ms;
        if (over && peer->inbound != nullptr) peer->inbound->close("it was removed a while ago");
    }
}

bool PeerHub::is_connected(NodeId id) const {
    return std::any_of(peers_.begin(), peers_.end(),
                       [id](const auto& peer) { return peer->id == id && peer->connected; });
}

std::optional<Rejection> PeerHub::judge_claim(const wire::Hello& hello) const {
    const auto other_cluster = [&](const std::string& why) {
        return Rejection{why, wire::Refusal{wire::Refusal::Reason::other_cluster,
                                            known_.in_force.index, claim_.cluster}};
    };
    if (self_.guard != 0 && hello.guard != 0 && self_.guard != hello.guard)
        return other_cluster(text(hello.from) + " has the ClusterId " + hex(hello.guard) +
                             " in its config.json, and this node " + hex(self_.guard) +
                             ": correct the one that is wrong");
    switch (raft::meet(claim_, hello.claim())) {
        case raft::Meeting::strangers:
            return other_cluster(advice_about(hello.from, hello.cluster_id, claim_.cluster));
        case raft::Meeting::rivals:
            return other_cluster(text(hello.from) +
                                 " has begun another cluster than this node: stop the one of them "
                                 "that has no data, empty its folder and start it again");
        case raft::Meeting::host:
            return Rejection{""};  // it comes again, and this node may belong to it then
        case raft::Meeting::together:
        case raft::Meeting::newcomer:
            break;
    }
    if (claim_.cluster == 0 && !takes_part_) return Rejection{""};
    return std::nullopt;
}

std::optional<std::string> PeerHub::refusal_of(NodeId id) const {
    for (const auto& [member, why] : refused_members_)
        if (member == id) return why;
    return std::nullopt;
}

// Of members alone: whatever ids strangers give, they are as many.
void PeerHub::note_refusal(NodeId id, const std::string& why) {
    std::erase_if(refused_members_, [&](const auto& noted) {
        return noted.first == id || newest_members().find(noted.first) == nullptr;
    });
    if (newest_members().find(id) != nullptr) refused_members_.emplace_back(id, why);
}

// Whether somebody who says this may speak here.
std::optional<Rejection> PeerHub::judge(const wire::Hello& hello) const {
    if (hello.to != self_.id) return Rejection{"it wants to speak to " + text(hello.to)};
    if (hello.from == self_.id) return Rejection{"it says that it is this node"};
    events_.on_hello(hello);
    if (auto rejection = judge_claim(hello)) return rejection;
    auto refusal = wire::judge_caller(known_, hello.from, hello.folder);
    if (!refusal) return std::nullopt;
    refusal->cluster = claim_.cluster;
    return Rejection{about(hello, refusal->reason), refusal};
}

std::optional<Rejection> PeerHub::on_hello(PeerInbound& connection, const wire::Hello& hello) {
    if (auto rejection = judge(hello)) {
        note_refusal(hello.from, rejection->why);
        return rejection;
    }
    Peer* peer = find(hello.from);
    if (peer == nullptr) return Rejection{"nobody knows where " + text(hello.from) + " is"};
    // A second connection of a peer: it has lost the first, whether that was noticed here or not.
    PeerInbound* earlier = std::exchange(peer->inbound, &connection);
    if (earlier != nullptr) earlier->close("");
    peer->link->hurry();
    events_.on_peer_folder(peer->id, hello.folder);
    update(*peer);
    tell_members(connection);
    return std::nullopt;
}

void PeerHub::on_message(NodeId from, raft::Message message) {
    events_.on_message(from, std::move(message));
}

void PeerHub::on_inbound_closed(PeerInbound& connection, const std::string& reason) {
    any_closed_ = true;
    for (auto& peer : peers_) {
        if (peer->inbound != &connection) continue;
        peer->inbound = nullptr;
        if (!reason.empty())
            log::warn("closed the connection of " + text(peer->id) + ": " + reason);
        if (!peer->member) return drop(*peer);
        return update(*peer);
    }
    if (!reason.empty()) refusals_.warn(now_, "refused a connection to the LogPort: " + reason);
}

PeerHub::Peer* PeerHub::find(NodeId id) {
    auto found = std::find_if(peers_.begin(), peers_.end(),
                              [id](const auto& peer) { return peer->id == id && !peer->gone; });
    return found == peers_.end() ? nullptr : found->get();
}

void PeerHub::link_changed(NodeId id) {
    if (Peer* peer = find(id)) update(*peer);
}

// What came back from the address where this node knows that member to be.
void PeerHub::hear(NodeId id, wire::ComesBack answer) {
    Peer* peer = find(id);
    if (peer == nullptr) return;
    if (auto* members = std::get_if<raft::MembershipAt>(&answer))
        return introduce(std::move(*members));
    const auto& refusal = std::get<wire::Refusal>(answer);
    if (peer->refused_for != refusal.reason) {
        const bool other = refusal.reason == wire::Refusal::Reason::other_cluster &&
                           refusal.cluster != 0 && claim_.cluster != 0;
        refusals_.warn(now_, text(id) + " refuses this node: " +
                                 (other ? advice_about(id, refusal.cluster, claim_.cluster)
                                        : text(refusal.reason)));
    }
    peer->refused_for = refusal.reason;
    events_.on_refused(id, refusal);
}

void PeerHub::update(Peer& peer) {
    bool connected = !peer.gone && peer.link->up() && peer.inbound != nullptr;
    if (connected == peer.connected) return;
    peer.connected = connected;
    if (connected) {
        peer.link->mark_useful();
        peer.refused_for.reset();
        std::erase_if(refused_members_, [&](const auto& noted) { return noted.first == peer.id; });
        log::info("connected with " + text(peer.id));
        events_.on_peer_connected(peer.id);
    } else {
        log::info("lost the connection with " + text(peer.id));
        events_.on_peer_disconnected(peer.id);
    }
}

}  // namespace raftkv::server
