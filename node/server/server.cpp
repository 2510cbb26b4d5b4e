#include "node/server/server.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <optional>
#include <random>
#include <utility>
#include <variant>

#include "common/log.hpp"
#include "common/log_control.hpp"
#include "node/replica/replica.hpp"
#include "node/server/admin/admin_server.hpp"
#include "node/server/admin/member_orders.hpp"
#include "node/server/admin/node_report.hpp"
#include "node/server/admin/snapshot_source.hpp"
#include "node/server/admin/transfer_orders.hpp"
#include "node/server/belonging.hpp"
#include "node/server/client_hub.hpp"
#include "node/server/clock_keeper.hpp"
#include "node/server/cluster_advice.hpp"
#include "node/server/descriptor_limit.hpp"
#include "node/server/farewell.hpp"
#include "node/server/faults/fault_control.hpp"
#include "node/server/faults/faults.hpp"
#include "node/server/inquiry.hpp"
#include "node/server/last_promise.hpp"
#include "node/server/listener.hpp"
#include "node/server/log_thread.hpp"
#include "node/server/member_address.hpp"
#include "node/server/members_report.hpp"
#include "node/server/moves.hpp"
#include "node/server/open_log.hpp"
#include "node/server/peer_contacts.hpp"
#include "node/server/peer_hub.hpp"
#include "node/server/poller.hpp"
#include "node/server/replica_options.hpp"
#include "node/server/role_log.hpp"
#include "node/server/short_slices.hpp"
#include "node/server/snapshot_thread.hpp"
#include "node/server/system_clock.hpp"
#include "node/server/wakeup.hpp"

namespace raftkv::server {
namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds tick_interval{5};
constexpr milliseconds sweep_interval{1000 / ClientHub::sweeps_for_all};

std::uint64_t random_number() {
    std::random_device random;
    return (std::uint64_t{random()} << 32) | random();
}

}  // namespace

struct Server::Impl final : CommandSink,
                            PeerEvents,
                            ReportSource,
                            AdminOrders,
                            Leadership,
                            MemberChanges {
    // `self_in` is where this node listens; `faults_in` is nothing where none are allowed.
    Impl(const ClusterConfig& config_in, ServerConfig self_in, bool joins_in, OpenedLog opened,
         std::unique_ptr<Faults> faults_in)
        : config(config_in),
          self(moves.apply(std::move(self_in))),
          id(self.id),
          own_folder(opened.folder),
          joins(joins_in),
          poller(io),
          started(clock.monotonic()),
          faults(std::move(faults_in)),
          disk(std::move(opened.disk)),
          log_done(poller, [this] { collect_from_log(); }),
          log(std::move(opened.wal), [this] { log_done.notify(); }),
          snapshots_done(poller, [this] { collect_from_snapshots(); }),
          snapshots(*disk, opened.cluster_id, [this] { snapshots_done.notify(); }),
          clock_keeper(*disk),
          clients(poller, *this, client_limits(config), started),
          peers(io, poller, config,
                {self.id, config.cluster_id, opened.folder, self.host, self.log_port},
                peer_events(), started),
          contacts(id, config.heartbeat_ms),
          replica(replica_options(config, id, opened, joins, random_number(), kept_clock(*disk)),
                  opened.restored, std::move(opened.store), ports()),
          belonging(config, id, opened.folder, opened.new_cluster, started),
          roles(id, replica.standing()),
          transfers(id, *this, config.election_timeout_max_ms),
          member_orders(id, *this),
          tick_timer(io),
          sweep_timer(io),
          signals(io, SIGTERM, SIGINT, SIGHUP) {}

    PeerEvents& peer_events();
    replica::Ports ports();
    Result<void> open_ports();
    Result<void> start();
    void run();

    void turn();
    void tick_if_due();
    void collect_from_log();
    void collect_from_snapshots();
    void tick();
    void sweep();
    void wait_for_signal();
    void end_because(const std::string& why);
    void look_at_members();
    bool waits_to_join() const;
    bool is_connected(NodeId peer) const {
        return peers.is_connected(peer) && contacts.is_heard(peer);
    }
    void say_goodbye();
    bool finished();

    void submit(replica::ClientToken client, const protocol::Request& request,
                bool behind_writes) override {
        replica.submit(client, request, behind_writes);
    }
    void on_message(NodeId from, raft::Message message) override {
        contacts.heard(from);
        replica.receive(from, std::move(message));
    }
    void on_peer_connected(NodeId peer) override {
        refused_by.forget(peer);
        replica.peer_connected(peer);
    }
    void on_peer_disconnected(NodeId peer) override { replica.peer_disconnected(peer); }
    void on_peer_folder(NodeId peer, std::uint64_t folder) override {
        replica.folder_heard({peer, folder});
    }
    void on_hello(const wire::Hello& hello) override { belonging.on_hello(hello); }
    void on_refused(NodeId peer, const wire::Refusal& refusal) override;
    NodeReport report() const override;
    const kv::Store& store() const override { return replica.store(); }
    ClusterMs cluster_time() const override { return replica.cluster_time(); }
    std::vector<std::string> host_names() const override {
        return server::host_names(replica.members(), config, self);
    }
    void order(std::string_view target, AdminReply reply) override;
    raft::TransferStart transfer(std::optional<NodeId> target) override {
        return replica.transfer_leadership(target);
    }
    replica::Standing standing() const override { return replica.standing(); }
    raft::ChangeStart change_members(const raft::MemberChange& change) override {
        return replica.change_members(change);
    }
    std::optional<std::string> taken_address(const raft::MemberChange& change) const override {
        return server::taken_address(change, replica.members(), config);
    }
    LogIndex members_index() const override { return replica.members_index(); }
    LogIndex commit_index() const override { return replica.indexes().commit; }

    const ClusterConfig config;
    Moves moves{config};
    const ServerConfig self;
    const NodeId id;
    const std::uint64_t own_folder;
    const bool joins;  // was told to, and had no membership with itself when it started
    boost::asio::io_context io{1};
    Poller poller;
    SystemClock clock;
    const MonotonicMs started;
    const std::unique_ptr<Faults> faults;  // nothing where none are allowed
    std::unique_ptr<storage::Disk> disk;
    Wakeup log_done;
    LogThread log;
    Wakeup snapshots_done;
    SnapshotThread snapshots;
    ClockKeeper clock_keeper;
    std::optional<Inquiry> inquiry;  // nothing: there is nobody to ask
    ClientHub clients;
    PeerHub peers;
    PeerContacts contacts;
    wire::Refusals refused_by;
    replica::Replica replica;
    Belonging belonging;
    ReplicaSnapshots backups{replica, *disk};
    RoleLog roles;
    SnapshotFailures snapshot_failures;
    TransferOrders transfers;
    MemberOrders member_orders;
    MonotonicMs next_tick;
    boost::asio::steady_timer tick_timer, sweep_timer;
    boost::asio::signal_set signals;
    std::unique_ptr<Listener> client_listener, peer_listener;
    std::unique_ptr<AdminServer> admin;
    std::unique_ptr<FaultControl> fault_control;
    bool more_to_do = false;
    Farewell farewell{config.election_timeout_max_ms};
    std::optional<Error> ended_for;  // nothing: it was asked to
    // What the connections know of the members.
    std::optional<std::pair<std::uint64_t, LogIndex>> shown_members;
    bool said_goodbye = false;
};

PeerEvents& Server::Impl::peer_events() {
    PeerEvents& own = *this;
    return faults ? faults->around(own) : own;
}

replica::Ports Server::Impl::ports() {
    replica::NetworkPort& network = peers;
    return {.clock = faults ? faults->clock() : clock,
            .log = log,
            .snapshots = snapshots,
            .network = faults ? faults->around(network) : network,
            .clients = clients};
}

Result<void> Server::Impl::open_ports() {
    auto for_clients = Listener::open(
        io, self.host, self.client_port, "ClientPort", [this](int fd) { clients.adopt(fd); },
        [this](int fd) { clients.turn_away(fd); });
    if (!for_clients.ok()) return for_clients.error();
    client_listener = std::move(for_clients).value();
    auto for_peers = Listener::open(io, self.host, self.log_port, "LogPort",
                                    [this](int fd) { peers.adopt(fd); });
    if (!for_peers.ok()) return for_peers.error();
    peer_listener = std::move(for_peers).value();
    auto for_admin = AdminServer::open(io, self.admin_host, self.admin_port, *this, *this, backups,
                                       {}, share_descriptors(raise_descriptor_limit()).admin);
    if (!for_admin.ok()) return for_admin.error();
    admin = std::move(for_admin).value();
    const auto end = [this](const Error& error) { end_because(error.message); };
    client_listener->set_calls({.failed = end});
    const auto warn = [this](const std::string& address) {
        warn_of_loopback(replica.members(), config, self, address);
    };
    peer_listener->set_calls({.failed = end, .on_loopback_only = warn});
    admin->on_failure(end);
    if (!faults) return {};
    auto control = FaultControl::open(io, config.node_path(id), *faults);
    if (!control.ok()) return control.error();
    fault_control = std::move(control).value();
    return {};
}

Result<void> Server::Impl::start() {
    std::signal(SIGPIPE, SIG_IGN);
    if (auto result = peer_listener->start(); !result.ok()) return result;
    if (auto result = client_listener->start(); !result.ok()) return result;
    if (auto result = admin->start(); !result.ok()) return result;
    log::info("ready: clients on " + self.host + ":" + std::to_string(self.client_port) +
              ", nodes on port " + std::to_string(self.log_port) + ", admin on " + self.admin_host +
              ":" + std::to_string(self.admin_port));
    look_at_members();
    tick_if_due();
    peers.start();
    tick();
    sweep();
    wait_for_signal();
    return {};
}

void Server::Impl::run() {
    while (!finished()) {
        // One handler is one turn: the poller's hands over all that is ready on any socket.
        if (more_to_do)
            io.poll_one();
        else
            io.run_one();
        turn();
    }
}

void Server::Impl::turn() {
    tick_if_due();
    replica.end_of_turn();
    roles.observe(replica.standing(), clock.monotonic());
    if (transfers.under_way()) transfers.observe(clock.monotonic());
    if (member_orders.under_way()) member_orders.observe(clock.monotonic());
    look_at_members();
    peers.end_of_turn();
    clients.set_paused(replica.wants_pause());
    more_to_do = clients.end_of_turn();
    more_to_do = replica.wants_turn() || more_to_do;
}

void Server::Impl::collect_from_log() {
    LogThread::Done done = log.collect();
    if (done.has_room) replica.log_has_room(*done.has_room);
    if (done.persisted) replica.persisted(*done.persisted);
    for (auto& fetched : done.fetched) {
        replica.entries_fetched(fetched.follower, std::move(fetched.entries));
    }
}

void Server::Impl::collect_from_snapshots() {
    for (replica::SnapshotAnswer& answer : snapshots.collect()) {
        if (const auto* failed = std::get_if<replica::SnapshotFailed>(&answer)) {
            ++snapshot_failures.count;
            snapshot_failures.last = failed->why;
        }
        tell(replica, std::move(answer));
    }
}

// However many other handlers wait for their turns, heartbeats go out on time.
void Server::Impl::tick_if_due() {
    const MonotonicMs now = clock.monotonic();
    if (now < next_tick) return;
    next_tick = now + tick_interval.count();
    belonging.observe(replica, peers, now);
    replica.tick();
    contacts.tick(now, replica.standing(), replica.members(), ports().network);
    if (inquiry) inquiry->want(!replica.standing().leader);
    for (const raft::MoveMember& move : moves.left(replica.members()))
        if (replica.standing().role == raft::Role::leader) (void)replica.change_members(move);
    if (const auto offsets = replica.clock_offsets()) clock_keeper.keep(*offsets);
    // Whom it was to be handed to may have gone.
    if (farewell.has_begun()) replica.transfer_leadership(std::nullopt);
}

// Has a turn come, at least.
void Server::Impl::tick() {
    tick_timer.expires_after(tick_interval);
    tick_timer.async_wait([this](const error_code& error) {
        if (!error) tick();
    });
}

void Server::Impl::sweep() {
    MonotonicMs now = clock.monotonic();
    clients.sweep(now);
    peers.sweep(now);
    sweep_timer.expires_after(sweep_interval);
    sweep_timer.async_wait([this](const error_code& error) {
        if (!error) sweep();
    });
}

void Server::Impl::wait_for_signal() {
    signals.async_wait([this](const error_code& error, int signal) {
        if (error) return;
        // Of a terminal it means that that has gone.
        if (signal == SIGHUP && ::isatty(STDERR_FILENO) == 0) {
            log::reopen();
            return wait_for_signal();
        }
        // Asked twice: no more patience for clients. What is durable stays so.
        if (farewell.has_begun()) return farewell.hurry();
        log::info(std::string("ends, asked by SIG") + ::sigabbrev_np(signal));
        farewell.begin(clock.monotonic(), replica.standing().role == raft::Role::leader);
        replica.transfer_leadership(std::nullopt);
        wait_for_signal();
    });
}

// In the order of a normal end: clients hear who leads now.
void Server::Impl::end_because(const std::string& why) {
    if (farewell.has_begun()) return;
    ended_for = Error{ErrorKind::usage, why};
    log::error(why);
    farewell.begin_with_redirects(clock.monotonic());
    replica.transfer_leadership(std::nullopt);
}

// The connections follow the members; and a node that was removed has nothing more to do.
void Server::Impl::look_at_members() {
    const std::pair now_known{replica.members_changes(), replica.applied_members().index};
    if (shown_members != now_known) {
        shown_members = now_known;
        const raft::MembershipAt applied = replica.applied_members();
        peers.set_members({replica.members_index(), moves.apply(replica.members())},
                          {applied.index, moves.apply(applied.members)});
        moves.forget_done(applied.members);
        if (faults) {
            std::vector<NodeId> others;
            for (const raft::Member& member : replica.members().members)
                if (member.id != id) others.push_back(member.id);
            faults->set_peers(std::move(others));
        }
    }
    if (replica.standing().removed)
        end_because("this node was removed from the cluster, and ends. Its folder is of no use: " +
                    config.node_path(id).string());
}

// It may have to hear of many changes before it hears of the one that lets it in.
bool Server::Impl::waits_to_join() const {
    return joins && !replica.members().has(id, own_folder);
}

// One that refuses this node may know less than it does, or be somebody else on its port.
void Server::Impl::on_refused(NodeId peer, const wire::Refusal& refusal) {
    belonging.on_refused(peer, refusal);
    if (replica.claim().cluster == 0 || waits_to_join()) return;
    refused_by.heard(peer, refusal);
    const auto reason = refused_by.confirmed(peers.newest_members(), replica.members_index(), id);
    if (reason) end_because(why_no_member(*reason, config.node_path(id).string()));
}

void Server::Impl::say_goodbye() {
    if (std::exchange(said_goodbye, true)) return;
    client_listener->stop();
    peer_listener->stop();
    clients.finish();
}

bool Server::Impl::finished() {
    if (!farewell.has_begun()) return false;
    const MonotonicMs now = clock.monotonic();
    if (farewell.is_late(now)) return true;
    if (farewell.hands_over(now, replica.standing())) return false;
    say_goodbye();
    return farewell.is_over(now, clients.unfinished(), clients.connections());
}

void Server::Impl::order(std::string_view target, AdminReply reply) {
    const std::size_t question = target.find('?');
    if (target.starts_with(members_prefix))
        return member_orders.take(target, clock.monotonic(), std::move(reply));
    if (target == bootstrap_path) return reply(belonging.bootstrap());
    if (target.substr(0, question) != transfer_path) return reply(answer("POST", target, *this));
    const bool bare = question == std::string_view::npos;
    transfers.take(bare ? "" : target.substr(question + 1), clock.monotonic(), std::move(reply));
}

NodeReport Server::Impl::report() const {
    NodeReport report;
    report.replica = replica.status();
    for (replica::PeerStatus& peer : report.replica.peers)
        peer.connected = peer.connected && is_connected(peer.id);
    report.members = members_report({replica.members_index(), moves.apply(replica.members())},
                                    replica.members_index() <= replica.indexes().commit, id,
                                    replica.claim().cluster, config,
                                    [this](NodeId peer) { return is_connected(peer); });
    for (MemberReport& member : report.members.members)
        if (!member.connected) member.refused = peers.refusal_of(member.member.id);
    belonging.tell(report);
    report.log = log.stats();
    report.snapshot_failures = snapshot_failures;
    report.state_clock = replica.store().clock();
    report.cluster_clock = replica.cluster_time();
    report.client_connections = clients.connections();
    report.max_client_connections = clients.max_connections();
    report.clients_turned_away = clients.turned_away();
    report.client_buffer_bytes = clients.buffered_bytes();
    report.uptime_ms = SystemClock().monotonic() - started;
    report.pid = ::getpid();
    report.memory_bytes = resident_bytes();
    report.cpu_us = used_cpu_us();
    if (faults) report.faults = faults->active();
    return report;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::open(const ClusterConfig& config, NodeId id,
                                             const ServerOptions& options) {
    if (auto enough = check_descriptors(); !enough) return enough.error();
    std::unique_ptr<Faults> faults;
    AroundDisk around_disk;
    if (options.allow_faults) {
        faults =
            std::make_unique<Faults>(std::make_unique<SystemClock>(), config, id, random_number());
        around_disk = [&faults](auto disk) { return faults->around(std::move(disk)); };
    }
    const bool advised = options.join && options.join->ok();
    const std::uint64_t cluster_id = advised ? (*options.join)->cluster_id : 0;
    auto opened = open_log(config, id, cluster_id, around_disk);
    if (!opened.ok()) return opened.error();
    auto self = own_address(opened->restored, opened->folder, config, id, options.join);
    if (!self.ok()) return self.error();
    if (auto kept = keep_last_promise(*opened->disk, config); !kept.ok()) return kept.error();
    const auto members = newest_members(opened->restored);
    const bool joins = advised && !(members && members->has(id, opened->folder));
    auto impl = std::make_unique<Impl>(config, std::move(self).value(), joins,
                                       std::move(opened).value(), std::move(faults));
    if (advised) impl->peers.introduce((*options.join)->members);
    if (options.ask_again)
        impl->inquiry.emplace(options.ask_again, impl->poller, [&peers = impl->peers](auto told) {
            peers.introduce(std::move(told.members));
        });
    if (auto ports = impl->open_ports(); !ports.ok()) return ports.error();
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Result<void> Server::run() {
    ask_for_short_slices();
    if (auto started = impl_->start(); !started.ok()) return started;
    impl_->run();
    log::info("ended");
    if (impl_->ended_for) return *impl_->ended_for;
    return {};
}

}  // namespace raftkv::server
