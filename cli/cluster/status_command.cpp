#include <fmt/format.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <vector>

#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/control_client.hpp"
#include "cli/cluster/live_table.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/cluster/terminal.hpp"
#include "cli/cluster/view_of_now.hpp"
#include "cli/command_line/standard_output.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

constexpr std::chrono::seconds answers_within{5};
constexpr std::chrono::milliseconds node_answers_within{500};

constexpr const char* status_footer =
    R"(Asks the nodes when it is run, and the supervisor of this machine about its processes. A node is
  stopped     when its process does not run
  unknown     when it is of another machine and does not answer here: the note says why
  cut off     when it answers here, and the leader has not heard it for two heartbeats
  removed     when it is no member any more, and has not ended yet

Exit codes: 0 there is a leader; 69 there is none, or nothing answers.)";

struct StatusArguments {
    std::string config = default_config_file;
    bool json = false;
    bool watch = false;
};

volatile sig_atomic_t end_signal = 0;

Result<ClusterView> current_view(const ClusterConfig& config) {
    auto supervised = fetch_view(ClusterPaths{config.data_path}.socket(), answers_within);
    if (!supervised && supervised.error().kind == ErrorKind::usage) return supervised.error();
    // The nodes say what they are now; the supervisor asks them now and then.
    return view_of_now(config, supervised, node_answers_within);
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
    return view->leader ? ExitCode::done : ExitCode::unavailable;
}

}  // namespace

void add_status_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<StatusArguments>();
    CLI::App* command = cluster.add_subcommand("status", "Show who leads and how every node is");
    add_config_option(*command, arguments->config);
    command->add_flag("--json", arguments->json, "For programs");
    command->add_flag("--watch,-w", arguments->watch, "Go on until Ctrl-C");
    command->footer(status_footer);
    command->callback([arguments, &exit] { report("status", show_status(*arguments), exit); });
}

}  // namespace raftkv::cli
