#include "cli/cluster/supervisor.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/admin/known_members.hpp"
#include "cli/admin/member_ids.hpp"
#include "cli/cluster/control_server.hpp"
#include "cli/cluster/event_log.hpp"
#include "cli/cluster/fleet.hpp"
#include "cli/cluster/live_table.hpp"
#include "cli/cluster/members_poller.hpp"
#include "cli/cluster/monotonic.hpp"
#include "cli/cluster/operations.hpp"
#include "cli/cluster/port_check.hpp"
#include "cli/cluster/preflight.hpp"
#include "cli/cluster/terminal.hpp"
#include "common/cluster_record.hpp"
#include "common/server_moves.hpp"

namespace raftkv::cli {

namespace {

namespace asio = boost::asio;

class Supervisor {
  public:
    Supervisor(const FleetOptions& options, LogIndex known_before)
        : config_(options.config),
          known_before_(known_before),
          paths_{config_.data_path},
          started_(monotonic_now()),
          events_(paths_.log(), stdout_is_terminal()),
          fleet_(context_, options, events_),
          operations_(context_, fleet_, events_),
          stop_signals_(context_, SIGINT, SIGTERM, SIGHUP),
          resized_(context_, SIGWINCH),
          heartbeat_(context_),
          members_(context_, config_.servers,
                   [this](MembersView view) { on_members(std::move(view)); }) {}

    Result<ExitCode> run(const std::vector<std::string>& first_events) {
        auto control = ControlServer::listen(
            context_, paths_.socket(),
            [this](std::shared_ptr<ControlSession> client, const ControlRequest& request) {
                on_request(std::move(client), request);
            });
        if (!control) return control.error();
        for (const std::string& event : first_events) events_.record(event);
        if (stdout_is_terminal()) screen_.emplace();
        await_stop_signal();
        await_resize();
        fleet_.start_all();
        beat();
        context_.run();
        show_end();
        return exit_;
    }

  private:
    void on_request(std::shared_ptr<ControlSession> client, const ControlRequest& request) {
        switch (request.verb) {
            case ControlVerb::status:
                client->send(ControlReply{ControlReply::Kind::status, to_json(view())});
                break;
            case ControlVerb::down:
                stop_for(client);
                break;
            case ControlVerb::node:
                operations_.begin(std::move(client), request);
                break;
        }
    }

    void stop_for(const std::shared_ptr<ControlSession>& client) {
        ++waiting_for_end_;
        client->send(ControlReply{ControlReply::Kind::progress, "stopping, the leader last"});
        operations_.shut_down([this, client] {
            client->send(ControlReply{ControlReply::Kind::done, "the cluster has stopped"});
            client->when_sent([this] {
                --waiting_for_end_;
                finish(exit_);
            });
        });
    }

    void on_members(MembersView view) {
        if (operations_.is_shutting_down() || !is_of_this_cluster(view)) return;
        if (!view.committed) return take_uncommitted(view);
        // Whoever has just joined, and has read no log yet, knows the first members only.
        if (view.index < known_before_) return;
        if (known_ && view.index <= *known_ && !any_uncommitted_) return;
        known_ = view.index;
        any_uncommitted_ = false;
        config_ = with_members(config_, view);
        if (auto saved = save_known_members(paths_.data, view); !saved)
            events_.record(saved.error().message);
        fleet_.set_members(config_.servers, view);
        members_.set_servers(config_.servers);
    }

    // Somebody else may listen at the admin port of a node, above all while that one is down.
    bool is_of_this_cluster(const MembersView& view) {
        if (view.cluster_id == 0 || !fleet_.may_speak_for(view.answered_by)) return false;
        if (cluster_ == 0) cluster_ = cluster_in(paths_.data);
        if (cluster_ == 0) cluster_ = view.cluster_id;
        return view.cluster_id == cluster_;
    }

    // It may take those that it names to commit it, so they are started; nobody goes for it.
    void take_uncommitted(const MembersView& view) {
        std::vector<ServerConfig> all = config_.servers;
        for (const ServerConfig& member : with_members(config_, view).servers) {
            if (config_.find(member.id) == nullptr) all.push_back(member);
        }
        if (all.size() == config_.servers.size()) return;
        any_uncommitted_ = true;
        fleet_.set_members(all, view);
        members_.set_servers(std::move(all));
    }

    ClusterView view() const {
        ClusterView view = fleet_.view();
        view.supervisor_pid = ::getpid();
        view.uptime_ms = monotonic_now() - started_;
        view.stopping = operations_.is_shutting_down();
        return view;
    }

    void await_stop_signal() {
        stop_signals_.async_wait([this](boost::system::error_code ec, int signal) {
            if (ec) return;
            // Of a terminal it means that that has gone.
            const bool of_terminal = ::isatty(STDOUT_FILENO) != 0 || ::isatty(STDERR_FILENO) != 0;
            if (signal != SIGHUP || of_terminal) return on_stop_signal();
            events_.reopen();
            fleet_.reopen_logs();
            await_stop_signal();
        });
    }

    // The first asks, the second does not wait.
    void on_stop_signal() {
        if (std::exchange(signalled_, true)) {
            events_.record("killing the nodes");
            exit_ = ExitCode::interrupted;
            fleet_.kill_all();
        }
        // Also after the second: it calls back as soon as the killed nodes are gone.
        operations_.shut_down([this] { finish(exit_); });
        await_stop_signal();
    }

    void await_resize() {
        resized_.async_wait([this](boost::system::error_code ec, int) {
            if (ec) return;
            if (screen_) screen_->invalidate();
            draw();
            await_resize();
        });
    }

    void beat() {
        constexpr std::chrono::milliseconds pace{200};
        constexpr int beats_between_rotations = 5;
        if (++beats_ % beats_between_rotations == 0) {
            fleet_.rotate_logs();
            events_.rotate();
        }
        if (fleet_.is_hopeless() && !operations_.is_shutting_down()) {
            events_.record("no node is left that could be started again: the supervisor ends");
            return finish(fleet_.hopeless_exit());
        }
        draw();
        heartbeat_.expires_after(pace);
        heartbeat_.async_wait([this](boost::system::error_code ec) {
            if (!ec) beat();
        });
    }

    void draw() {
        if (!screen_) return;
        TerminalSize size = terminal_size();
        TableStyle style{stdout_wants_color(), size.width};
        screen_->draw(screen_lines(view(), events_.recent(), style, size.height));
    }

    void finish(ExitCode code) {
        exit_ = code;
        if (waiting_for_end_ == 0) context_.stop();
    }

    // The screen takes what it showed with it; how it ended should stay to be seen.
    void show_end() {
        if (!screen_) return;
        screen_.reset();
        constexpr std::size_t last_ones = 10;
        std::vector<std::string> events = events_.recent();
        std::size_t from = events.size() > last_ones ? events.size() - last_ones : 0;
        for (std::size_t index = from; index < events.size(); ++index) {
            fmt::print("{}\n", events[index]);
        }
    }

    asio::io_context context_{1};
    ClusterConfig config_;           // with the members of now
    std::uint64_t cluster_ = 0;      // that the nodes belong to; 0: not known yet
    const LogIndex known_before_;    // the entry that said who they were as it began
    std::optional<LogIndex> known_;  // the entry that says who they are
    bool any_uncommitted_ = false;   // the fleet has nodes that are not in config_
    ClusterPaths paths_;
    MonotonicMs started_;
    EventLog events_;
    Fleet fleet_;
    Operations operations_;
    asio::signal_set stop_signals_;
    asio::signal_set resized_;
    asio::steady_timer heartbeat_;
    std::optional<Screen> screen_;
    bool signalled_ = false;
    int waiting_for_end_ = 0;  // clients that are still to hear of it
    int beats_ = 0;
    MembersPoller members_;
    ExitCode exit_ = ExitCode::done;
};

// As with_servers_of_now(); when nobody answers, as the folders say.
ClusterConfig servers_of_now(const ClusterConfig& first,
                             const std::optional<MembersView>& of_folders) {
    if (!of_folders) return with_servers_of_now(first);
    const ClusterConfig known = with_members(first, *of_folders);
    ClusterConfig all = first;
    for (const ServerConfig& server : known.servers)
        if (first.find(server.id) == nullptr) all.servers.push_back(server);
    const auto view = find_members(all);
    return view && view->cluster_id != 0 ? with_members(first, *view) : with_moves(known);
}

std::string folders_note(const ClusterConfig& first, const MembersView& members) {
    return fmt::format(
        "{} is missing: of cluster {:016x} the folders here say that, as of entry {}, its members "
        "are {}",
        members_file(first.data_path).string(), members.cluster_id, members.index.value(),
        ids_of(with_members(first, members).servers));
}

// Of this machine are only servers of config.json that are no members yet, and have no data: they
// wait to be added.
void add_those_that_wait(ClusterConfig& config, const ClusterConfig& first) {
    for (ServerConfig server : first.servers) {
        const bool is_empty = cluster_of_folder(first.node_path(server.id)) == 0;
        if (config.find(server.id) != nullptr || !is_empty || !is_this_machine(server.host))
            continue;
        server.votes = false;
        config.servers.push_back(std::move(server));
    }
}

Error nobody_here(const ClusterConfig& config, const ClusterConfig& first) {
    std::string members;
    for (const ServerConfig& server : config.servers)
        members += fmt::format("{}node {} of {}", members.empty() ? "" : ", ", server.id.value(),
                               server.host);
    return {ErrorKind::usage,
            fmt::format("no member of cluster {:016x}, which {} is of, is of this machine: they "
                        "are {}. \"raftkv cluster add\" makes a node a member",
                        cluster_in(first.data_path), first.data_path.string(), members)};
}

// Where the members are, and who runs here. `config` has the members.
Result<Places> places_for(ClusterConfig& config, const ClusterConfig& first) {
    auto places = places_of(config);
    const bool is_new = cluster_in(first.data_path) == 0;
    if (is_new || (places && !places->here.empty())) return places;
    add_those_that_wait(config, first);
    places = places_of(config);
    if (!places && places.error().kind == ErrorKind::usage) return nobody_here(config, first);
    return places;
}

bool are_all_here(const ClusterConfig& config) {
    return std::all_of(config.servers.begin(), config.servers.end(),
                       [](const ServerConfig& server) { return is_this_machine(server.host); });
}

}  // namespace

Result<ExitCode> supervise(const ClusterConfig& first, const std::filesystem::path& config_file,
                           const std::optional<MembersView>& of_folders) {
    // Whoever reads our output may go away; the cluster stays.
    ::signal(SIGPIPE, SIG_IGN);
    ClusterPaths paths{first.data_path};
    // Without a cluster of its own there is nobody here that an answer could be of.
    const bool is_new = cluster_in(first.data_path) == 0;
    ClusterConfig config = is_new ? first : servers_of_now(first, of_folders);
    auto places = places_for(config, first);
    if (!places) return places.error();
    const std::vector<NodeId>& here = places->here;
    std::vector<NodeId> all = here;
    all.insert(all.end(), places->unknown.begin(), places->unknown.end());
    auto lock = lock_as_supervisor(paths);
    if (!lock) return lock.error();
    auto events = end_leftovers(paths, all);
    if (!events) return events.error();
    if (auto free = check_all_ports(config, here); !free) return free.error();
    if (of_folders) events->push_back(folders_note(first, *of_folders));
    events->insert(events->end(), places->notes.begin(), places->notes.end());
    for (const ServerConfig& server : config.servers) {
        if (std::find(all.begin(), all.end(), server.id) != all.end()) continue;
        events->push_back(
            fmt::format("node {} is not of this machine but of {}: it is only watched",
                        server.id.value(), server.host));
    }
    try {
        std::vector<NodeId> listed;
        const auto known = of_folders ? of_folders : load_known_members(first.data_path);
        for (const ServerConfig& server : first.servers) {
            const MemberInfo* member = known ? known->find(server.id) : nullptr;
            if (member == nullptr || !member->in_log) listed.push_back(server.id);
        }
        const bool is_local = here.size() == config.servers.size() && are_all_here(first);
        return Supervisor({config, here, places->unknown, listed, is_local, config_file},
                          known ? known->index : LogIndex())
            .run(*events);
    } catch (const std::exception& error) {
        return Error{ErrorKind::io, fmt::format("the supervisor cannot go on, and its nodes have "
                                                "ended with it: {}",
                                                error.what())};
    }
}

}  // namespace raftkv::cli
