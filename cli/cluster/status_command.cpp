#include <fmt/format.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/known_members.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/control_client.hpp"
#include "cli/cluster/live_table.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/cluster/terminal.hpp"
#include "cli/command_line/standard_output.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

constexpr std::chrono::seconds answers_within{5};
constexpr std::chrono::milliseconds node_answers_within{500};

struct StatusArguments {
    std::string config = default_config_file;
    bool json = false;
    bool watch = false;
};

volatile sig_atomic_t end_signal = 0;

// Without a supervisor nodes may still run, each in a terminal of its own.
Result<ClusterView> ask_nodes(const ClusterConfig& config, const Error& no_supervisor) {
    ClusterView view;
    view.data_path = config.data_path.string();
    std::vector<std::optional<NodeStatus>> statuses;
    bool any = false;
    for (const ServerConfig& server : with_servers_of_now(config).servers) {
        auto status = fetch_status(server.admin_host, server.admin_port, node_answers_within);
        NodeView row;
        row.id = server.id;
        row.votes = server.votes;
        bool its_own = status && status->id == server.id;
        if (its_own) {
            any = true;
            row.state = NodeState::running;
            row.pid = status->pid;
            row.uptime_ms = static_cast<std::int64_t>(status->uptime_ms);
            take_status(row, *status);
        }
        statuses.push_back(its_own ? std::optional(*status) : std::nullopt);
        view.nodes.push_back(row);
    }
    if (!any) return no_supervisor;
    find_leader(view, statuses);
    return view;
}

Result<ClusterView> current_view(const ClusterConfig& config) {
    auto socket = ClusterPaths{config.data_path}.socket();
    auto supervisor = ControlClient::connect(socket);
    if (!supervisor && supervisor.error().kind == ErrorKind::usage) return supervisor.error();
    if (!supervisor) return ask_nodes(config, supervisor.error());
    return fetch_view(socket, answers_within);
}

void print(const ClusterView& view, bool json) {
    if (json) {
        fmt::print("{}\n", to_json(view));
    } else {
        TableStyle style{stdout_wants_color(), stdout_is_terminal() ? terminal_size().width : 0};
        for (const std::string& line : table_lines(view, style)) fmt::print("{}\n", line);
    }
    std::fflush(stdout);
}

std::vector<std::string> picture_of(const Result<ClusterView>& view, TerminalSize size) {
    TableStyle style{stdout_wants_color(), size.width};
    std::vector<std::string> lines =
        view ? table_lines(*view, style)
             : std::vector<std::string>{cut_to_width(view.error().message, size.width)};
    if (lines.size() > size.height) lines.resize(size.height);
    return lines;
}

// Until Ctrl-C. A cluster that goes away may come back, so errors are shown, and not the end.
ExitCode watch(const ClusterConfig& config, bool json) {
    constexpr int pace_ms = 500;
    struct sigaction on_signal {};
    on_signal.sa_handler = [](int number) { end_signal = number; };
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &on_signal, nullptr);
    std::optional<Screen> screen;
    if (stdout_is_terminal() && !json) screen.emplace();
    TerminalSize drawn;
    while (end_signal == 0 && output_works()) {
        auto view = current_view(config);
        if (screen) {
            TerminalSize size = terminal_size();
            if (size.width != drawn.width || size.height != drawn.height) screen->invalidate();
            drawn = size;
            screen->draw(picture_of(view, size));
        } else if (view) {
            print(*view, json);
        } else {
            fmt::print(stderr, "raftkv cluster status: {}\n", view.error().message);
        }
        ::poll(nullptr, 0, pace_ms);
    }
    screen.reset();
    // The others end it as if it had not had a terminal to put in order.
    if (end_signal == SIGTERM || end_signal == SIGHUP) {
        ::signal(end_signal, SIG_DFL);
        ::raise(end_signal);
    }
    return end_signal == 0 ? ExitCode::io : ExitCode::interrupted;
}

Result<ExitCode> show_status(const StatusArguments& arguments) {
    auto config = load_config(arguments.config);
    if (!config) return config.error();
    if (arguments.watch) return watch(*config, arguments.json);
    auto view = current_view(*config);
    if (!view) return view.error();
    print(*view, arguments.json);
    return ExitCode::done;
}

}  // namespace

void add_status_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<StatusArguments>();
    CLI::App* command = cluster.add_subcommand("status", "Show who leads and how every node is");
    add_config_option(*command, arguments->config);
    command->add_flag("--json", arguments->json, "For programs");
    command->add_flag("--watch,-w", arguments->watch, "Go on until Ctrl-C");
    command->callback([arguments, &exit] { report("status", show_status(*arguments), exit); });
}

}  // namespace raftkv::cli
