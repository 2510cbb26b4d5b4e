#include "cli/cluster/fleet.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <list>
#include <random>
#include <system_error>
#include <utility>

#include "cli/admin/known_members.hpp"
#include "cli/admin/member_ids.hpp"
#include "cli/cluster/child_process.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/fleet_node.hpp"
#include "cli/cluster/host_finder.hpp"
#include "cli/cluster/log_files.hpp"
#include "cli/cluster/monotonic.hpp"
#include "cli/cluster/port_check.hpp"
#include "cli/cluster/preflight.hpp"
#include "cli/cluster/process_identity.hpp"
#include "cli/cluster/status_poller.hpp"
#include "common/printable.hpp"
#include "common/private_files.hpp"
#include "common/server_moves.hpp"

namespace raftkv::cli {

namespace {

namespace asio = boost::asio;

using Node = FleetNode;

}  // namespace

struct Fleet::Impl {
    Impl(asio::io_context& io, const FleetOptions& options, EventLog& log)
        : context(io),
          paths{options.config.data_path},
          config_file(options.config_file),
          first(options.first),
          is_local(options.is_local),
          events(log),
          timer(io),
          random(std::random_device()()),
          poller(io,
                 [this](NodeId id, std::optional<NodeStatus> status) {
                     if (Node* node = find(id)) on_status(*node, std::move(status));
                 }),
          hosts(io, [this](NodeId id, const Whereabouts& where) {
              if (Node* node = find(id)) host_found(*node, where);
          }) {
        const auto is_in = [](const std::vector<NodeId>& ids, NodeId id) {
            return std::find(ids.begin(), ids.end(), id) != ids.end();
        };
        for (const ServerConfig& server : options.config.servers) {
            Node& node = add(server, is_in(options.here, server.id));
            if (is_in(options.unknown, server.id)) look_for(node);
        }
    }

    void look_for(Node& node) {
        node.lost = true;
        hosts.add(node.config.id, node.config.host);
    }

    void host_found(Node& node, const Whereabouts& where) {
        node.lost = false;
        node.here = where.here;
        if (!where.here) return say(node, "is of " + node.config.host + ", and is only watched");
        if (where.loopback_only && !is_local) events.record(loopback_note(node.config, where));
        if (auto free = check_ports(node.config); !free) say(node, free.error().message);
        say(node, "is of this machine: its host's name resolves now");
        (void)request(node, NodeCommand::start).ok();
    }

    Node& add(const ServerConfig& server, bool here) {
        Node& node = nodes.emplace_back();
        node.config = server;
        node.here = here;
        node.first = node.was_member =
            std::find(first.begin(), first.end(), server.id) != first.end();
        poller.add(server);
        return node;
    }

    // One that was added. Where its ports are taken it may run already: then it is only watched.
    void adopt(const ServerConfig& server) {
        const Whereabouts where = whereabouts_of(server.host);
        auto free = where.here ? check_ports(server) : Result<void>();
        Node& node = add(server, where.here && free.ok());
        node.first = false;  // even one that config.json lists: it may have been gone meanwhile
        if (!where.is_known) {
            look_for(node);
            return say(node, "is added: " + where.trouble + "; that is tried again");
        }
        if (!node.here)
            return say(node, free.ok() ? "is added, and is only watched: it is of " + server.host
                                       : "is added, and is only watched: " + free.error().message);
        say(node, "is added");
        (void)request(node, NodeCommand::start).ok();
    }

    // It ends by itself, once it has heard.
    void forget_removed() {
        for (auto node = nodes.begin(); node != nodes.end();) {
            if (!node->removed || node->life.has_process()) {
                ++node;
                continue;
            }
            poller.remove(node->config.id);
            hosts.remove(node->config.id);
            node = nodes.erase(node);
        }
    }

    Node* find(NodeId id) {
        auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const Node& node) { return node.config.id == id; });
        return found == nodes.end() ? nullptr : &*found;
    }

    void say(const Node& node, std::string_view what) {
        events.record(fmt::format("node {} {}", node.config.id.value(), what));
    }

    Result<void> request(Node& node, NodeCommand command) {
        auto actions = node.life.request(command, monotonic_now());
        if (!actions) {
            return Error{actions.error().kind,
                         fmt::format("cannot {} node {}: {}", name_of(command),
                                     node.config.id.value(), actions.error().message)};
        }
        if (command == NodeCommand::pause && !actions->empty()) say(node, "is paused");
        if (command == NodeCommand::resume && !actions->empty()) say(node, "goes on");
        perform(node, *actions);
        return {};
    }

    void perform(Node& node, const NodeActions& actions) {
        for (NodeAction action : actions) {
            switch (action) {
                case NodeAction::spawn:
                    spawn(node);
                    break;
                case NodeAction::terminate:
                    node.child->signal(SIGTERM);
                    break;
                case NodeAction::kill:
                    node.child->signal(SIGKILL);
                    break;
                case NodeAction::pause:
                    node.child->signal(SIGSTOP);
                    node.status.reset();
                    break;
                case NodeAction::resume:
                    node.child->signal(SIGCONT);
                    break;
            }
        }
        schedule();
    }

    void spawn(Node& node) {
        NodeId id = node.config.id;
        if (node.first) read_address(node);
        ChildSpec spec;
        spec.program = this_program();
        spec.arguments = {"node", std::to_string(id.value()), "--config", config_file.string()};
        if (is_local) spec.arguments.emplace_back("--allow-faults");
        for (std::string& word : how_to_join(nodes, node, paths))
            spec.arguments.push_back(std::move(word));
        spec.output_file = paths.node_log(id);
        node.log_size_at_start = size_of_log(spec.output_file);
        auto child = ChildProcess::start(spec);
        if (!child) {
            constexpr int cannot_execute = 126;  // what a shell says
            node.life.spawned(monotonic_now());  // a try that fails is no health either
            return on_end(node, ChildEnd{false, cannot_execute}, child.error().message);
        }
        node.child.emplace(std::move(*child));
        node.started = monotonic_now();
        node.life.spawned(node.started);
        if (auto identity = identify(node.child->pid())) {
            // Without it, who replaces this supervisor does not find the node; that is all.
            [[maybe_unused]] const bool noted =
                write_private_file(paths.node_pid(id), to_text(*identity));
        }
        say(node, fmt::format("started, pid {}", node.child->pid()));
        watch(node);
    }

    // Of the first members config.json says where they are; it may have been changed meanwhile.
    void read_address(Node& node) {
        const auto config = load_config(config_file);
        if (!config) return;  // the node says so, and ends
        const ClusterConfig listed = with_moves(*config);
        const ServerConfig* now = listed.find(node.config.id);
        if (now == nullptr || is_same_place(*now, node.config)) return;
        say(node, "has another address in config.json: " + place_text(*now));
        ask_at(node, *now);
    }

    void ask_at(Node& node, const ServerConfig& where) {
        const bool votes = node.config.votes;
        node.config = where;
        node.config.votes = votes;
        node.status.reset();
        poller.remove(node.config.id);
        poller.add(node.config);
    }

    // The log says where it is from now on.
    void move(Node& node, const ServerConfig& where) {
        node.first = false;
        if (is_same_place(where, node.config)) return;
        const bool here = is_this_machine(where.host);
        say(node, "moves to " + place_text(where));
        ask_at(node, where);
        if (node.here && !here) {
            (void)request(node, NodeCommand::stop).ok();
            node.here = false;
            return say(node, "is only watched from now on: it is of " + where.host);
        }
        const bool was_wanted = !node.here || node.life.state() != NodeState::stopped;
        node.here = here;
        if (here && was_wanted) (void)request(node, NodeCommand::restart).ok();
    }

    // It was removed and added anew, before this supervisor heard of the first.
    void rejoin(Node& node) {
        say(node, node.life.has_process() ? "is added" : "is added anew");
        node.first = false;
        if (node.here) (void)request(node, NodeCommand::start).ok();
    }

    void watch(Node& node) {
        // Asio closes what it watches; the child needs its own.
        int copy = ::fcntl(node.child->end_descriptor(), F_DUPFD_CLOEXEC, 0);
        RAFTKV_CHECK(copy >= 0);
        auto end_watch = std::make_shared<asio::posix::stream_descriptor>(context, copy);
        node.end_watch = end_watch;
        end_watch->async_wait(asio::posix::stream_descriptor::wait_read,
                              [this, &node, pid = node.child->pid()](boost::system::error_code ec) {
                                  if (ec || !node.child || node.child->pid() != pid) return;
                                  if (auto end = node.child->poll())
                                      return on_end(
                                          node, *end,
                                          reason_of(node, *end, paths.node_log(node.config.id)));
                                  watch(node);
                              });
    }

    void on_end(Node& node, const ChildEnd& end, std::string reason) {
        node.child.reset();
        node.end_watch.reset();
        node.status.reset();
        node.last_reason = std::move(reason);
        std::error_code ignored;
        std::filesystem::remove(paths.node_pid(node.config.id), ignored);
        bool asked_for = node.life.state() == NodeState::stopping;
        std::uniform_real_distribution<double> chance(0, 1);
        NodeActions actions = node.life.ended(end, monotonic_now(), chance(random));
        if (asked_for) {
            say(node, fmt::format("ended: {}", node.last_reason));
        } else {
            announce_death(node);
        }
        announce_leader();
        perform(node, actions);
    }

    void announce_death(const Node& node) {
        const bool is_over =
            node.last_reason.find("was removed from the cluster") != std::string::npos;
        if (is_over) {
            say(node, "ended: it was removed from the cluster");
        } else if (node.life.state() == NodeState::given_up) {
            last_given_up = node.life.last_end();
            say(node, fmt::format("IS GIVEN UP: {}", given_up_note(node)));
        } else {
            say(node, fmt::format("died: {}; starting it {}", node.last_reason,
                                  wait_of(node, monotonic_now())));
        }
    }

    // Not that of the nodes here; 0: it is theirs, or not known.
    std::uint64_t other_cluster(const NodeStatus& status) {
        if (cluster == 0) cluster = cluster_in(paths.data);
        return cluster != 0 && status.cluster != cluster ? status.cluster : 0;
    }

    // The members are others.
    void leave_out(Node& node) {
        if (!waits_to_be_added(node, paths)) {
            if (!std::exchange(node.removed, true)) say(node, "was removed");
            return;
        }
        if (std::exchange(node.config.votes, false))
            say(node, fmt::format("is no member of the cluster, and waits until it is: \"raftkv "
                                  "cluster add {}\" at one of the members",
                                  node.config.id.value()));
    }

    void on_status(Node& node, std::optional<NodeStatus> status) {
        if (!status || status->id != node.config.id) return;
        // While a node is down or starts, somebody else may answer on its port.
        bool its_own = !node.here || (node.child && status->pid == node.child->pid());
        if (!its_own || node.life.paused()) return;
        node.foreign = node.here ? 0 : other_cluster(*status);
        if (node.foreign != 0) return node.status.reset();
        node.status = std::move(*status);
        node.status_at = monotonic_now();
        announce_leader();
    }

    void announce_leader() {
        ClusterView now = view();
        // Its own term: one that is cut off still leads in an earlier one than others know of.
        Term term = now.leader ? find_node(now, *now.leader)->term : Term();
        if (now.leader == announced_leader && term == announced_term) return;
        announced_leader = now.leader;
        announced_term = term;
        bool all_down = std::none_of(nodes.begin(), nodes.end(),
                                     [](const Node& node) { return node.life.has_process(); });
        if (all_down) return;  // that says it all
        if (now.leader) {
            events.record(fmt::format("node {} leads, term {}", now.leader->value(), term.value()));
        } else {
            events.record("there is no leader");
        }
    }

    ClusterView view() const {
        ClusterView view;
        view.data_path = paths.data.string();
        std::vector<std::optional<NodeStatus>> statuses;
        for (const Node& node : nodes) {
            bool fresh = node.status && monotonic_now() - node.status_at <= status_fresh_ms;
            statuses.push_back(fresh ? node.status : std::nullopt);
            view.nodes.push_back(row_of(node, statuses.back(), monotonic_now()));
        }
        find_leader(view, statuses);
        return view;
    }

    void schedule() {
        std::optional<MonotonicMs> next;
        for (const Node& node : nodes) {
            auto due = node.life.next_tick();
            if (due && (!next || *due < *next)) next = due;
        }
        timer.cancel();
        if (!next) return;
        timer.expires_after(std::chrono::milliseconds(*next - monotonic_now()));
        timer.async_wait([this](boost::system::error_code ec) {
            if (!ec) tick();
        });
    }

    void tick() {
        for (Node& node : nodes) {
            NodeActions actions = node.life.tick(monotonic_now());
            if (!actions.empty()) perform(node, actions);
        }
        schedule();
    }

    asio::io_context& context;
    ClusterPaths paths;
    std::filesystem::path config_file;
    const std::vector<NodeId> first;  // of config.json
    const bool is_local;
    std::uint64_t cluster = 0;  // that the nodes belong to; 0: not known yet
    EventLog& events;
    asio::steady_timer timer;
    std::mt19937_64 random;
    std::list<Node> nodes;  // handlers refer to them
    std::optional<NodeId> announced_leader;
    Term announced_term;
    std::optional<ChildEnd> last_given_up;
    StatusPoller poller;  // this and the next are the last members: their threads end first
    HostFinder hosts;
};

Fleet::Fleet(asio::io_context& context, const FleetOptions& options, EventLog& events)
    : impl_(std::make_unique<Impl>(context, options, events)) {}

Fleet::~Fleet() = default;

void Fleet::start_all() {
    for (Node& node : impl_->nodes) {
        if (node.here) (void)impl_->request(node, NodeCommand::start).ok();
    }
}

void Fleet::set_members(const std::vector<ServerConfig>& members, const MembersView& view) {
    for (Node& node : impl_->nodes) {
        const bool stays = std::any_of(members.begin(), members.end(), [&](const auto& member) {
            return member.id == node.config.id;
        });
        if (stays)
            node.removed = false;
        else
            impl_->leave_out(node);
    }
    impl_->forget_removed();
    for (const ServerConfig& member : members) {
        Node* known = impl_->find(member.id);
        if (known == nullptr) {
            impl_->adopt(member);
            known = impl_->find(member.id);
        }
        known->config.votes = member.votes;
        const MemberInfo* info = view.find(member.id);
        if (info == nullptr || !view.committed) continue;
        const bool joins = info->kind == MemberKind::joining && !info->folder;
        if (joins && known->was_member) impl_->rejoin(*known);
        known->was_member = !joins;
        if (info->in_log) impl_->move(*known, member);
    }
}

Result<void> Fleet::request(NodeId id, NodeCommand command) {
    Node* node = impl_->find(id);
    if (!node) {
        std::vector<ServerConfig> members;
        for (const auto& each : impl_->nodes) members.push_back(each.config);
        return Error{ErrorKind::usage, fmt::format("the cluster has no node {}; its members are {}",
                                                   id.value(), ids_of(members))};
    }
    if (!node->here) return not_here(*node);
    bool starts = command == NodeCommand::start || command == NodeCommand::restart;
    if (starts && !node->life.has_process()) {
        if (auto free = check_ports(node->config); !free) return free;
    }
    return impl_->request(*node, command);
}

void Fleet::kill_all() {
    for (Node& node : impl_->nodes) {
        if (node.here) (void)impl_->request(node, NodeCommand::kill).ok();
    }
}

ClusterView Fleet::view() const {
    return impl_->view();
}

bool Fleet::has_process(NodeId id) const {
    const Node* node = impl_->find(id);
    return node && node->life.has_process();
}

bool Fleet::may_speak_for(NodeId id) const {
    const Node* node = impl_->find(id);
    return node && (!node->here || node->life.has_process());
}

bool Fleet::has_processes() const {
    return std::any_of(impl_->nodes.begin(), impl_->nodes.end(),
                       [](const Node& node) { return node.life.has_process(); });
}

bool Fleet::is_hopeless() const {
    return std::all_of(impl_->nodes.begin(), impl_->nodes.end(), [](const Node& node) {
        return !node.lost && (!node.here || node.life.state() == NodeState::given_up);
    });
}

ExitCode Fleet::hopeless_exit() const {
    const auto& end = impl_->last_given_up;
    if (!end || end->signalled) return ExitCode::failed;
    for (ExitCode known : {ExitCode::usage, ExitCode::corrupt, ExitCode::io}) {
        if (end->code == static_cast<int>(known)) return known;
    }
    return ExitCode::failed;
}

void Fleet::reopen_logs() {
    for (Node& node : impl_->nodes) {
        if (node.child) node.child->signal(SIGHUP);
    }
}

void Fleet::rotate_logs() {
    impl_->forget_removed();
    for (const Node& node : impl_->nodes) {
        if (node.here) (void)rotate_log(impl_->paths.node_log(node.config.id)).ok();
    }
}

}  // namespace raftkv::cli
