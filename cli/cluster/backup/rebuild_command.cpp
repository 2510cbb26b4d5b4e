#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/known_members.hpp"
#include "cli/admin/leader.hpp"
#include "cli/admin/member_ids.hpp"
#include "cli/admin/transfer.hpp"
#include "cli/client/interrupt.hpp"
#include "cli/cluster/backup/fetch_backup.hpp"
#include "cli/cluster/backup/rebuild_folder.hpp"
#include "cli/cluster/backup/subcommands.hpp"
#include "cli/cluster/control_client.hpp"
#include "cli/cluster/dump/source_node.hpp"
#include "cli/cluster/file_lock.hpp"
#include "cli/cluster/preflight.hpp"
#include "cli/cluster/rolling_restart.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/json_text.hpp"
#include "cli/command_line/numbers.hpp"
#include "cli/socket/socket.hpp"
#include "common/private_files.hpp"

namespace raftkv::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds supervisor_answers_within{2000};
constexpr milliseconds supervisor_works_within{30'000};

constexpr const char* rebuild_footer =
    R"(For a node whose state differs from that of the others (it says so, and answers nothing), or is not
to be trusted for another reason. The state is fetched from the leader (--from: from another node) as a
snapshot; then the node is stopped, is given it, and goes on from there. Its log stays, and with it
what it has promised: its term, its vote, the entries that it has acknowledged. While it is away
it is missing: refused when no majority would be left (--force does it all the same).
To be run where the folder of the node is. Without a supervisor there, end the node before, and start
it again.

Exit codes: 0 done; 1 refused, and why; 64 no such node, or it is elsewhere; 65 its folder is damaged
(remove it then, and add it anew); 69 no leader, or no majority without it; 74 the disk; 130 interrupted.)";

struct RebuildArguments {
    std::string config = default_config_file;
    std::uint32_t node = 0;
    std::optional<std::uint32_t> from;
    double timeout_s = 10;
    bool force = false;
    bool json = false;

    NodeId id() const { return NodeId(node); }
    milliseconds patience() const {
        return milliseconds(static_cast<std::int64_t>(timeout_s * 1000));
    }
};

// The file that is fetched goes in the end, whatever comes of it.
struct RemovedAtEnd {
    explicit RemovedAtEnd(std::filesystem::path folder) : path(std::move(folder)) {}
    RemovedAtEnd(const RemovedAtEnd&) = delete;
    RemovedAtEnd& operator=(const RemovedAtEnd&) = delete;
    ~RemovedAtEnd() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    const std::filesystem::path path;
};

Result<void> check_node(const RebuildArguments& arguments, const ClusterConfig& config) {
    if (config.find(arguments.id()) == nullptr) {
        return Error{ErrorKind::usage, fmt::format("the cluster has no node {}; its members are {}",
                                                   arguments.node, ids_of(config.servers))};
    }
    if (arguments.from == arguments.node)
        return Error{ErrorKind::usage, "--from: a node can't be rebuilt from itself"};
    if (arguments.from && config.find(NodeId(*arguments.from)) == nullptr)
        return Error{ErrorKind::usage,
                     fmt::format("--from: there is no node {}; the members are {}", *arguments.from,
                                 ids_of(config.servers))};
    std::error_code ec;
    const auto folder = config.node_path(arguments.id());
    if (std::filesystem::is_directory(folder, ec)) return {};
    return Error{ErrorKind::usage, fmt::format("there is no folder {}: run this where node {} is",
                                               folder.string(), arguments.node)};
}

// What the supervisor sees; with a leader, unless there is none for a while.
Result<ClusterView> view_with_leader(const ClusterConfig& config) {
    constexpr milliseconds pause{50};
    constexpr milliseconds leader_within{3000};
    const auto deadline = steady_clock::now() + leader_within;
    for (;;) {
        auto view = fetch_view(ClusterPaths{config.data_path}.socket(), supervisor_answers_within);
        if (!view || view->leader || steady_clock::now() >= deadline) return view;
        (void)wait_until(-1, 0, steady_clock::now() + pause, -1);
    }
}

// Whether a supervisor runs the node. An Error when it may not be stopped, or somebody else runs
// it.
Result<bool> check_that_it_can_stop(const RebuildArguments& arguments,
                                    const ClusterConfig& config) {
    const auto view = view_with_leader(config);
    if (!view && view.error().kind == ErrorKind::usage) return view.error();
    const NodeView* row = view ? find_node(*view, arguments.id()) : nullptr;
    const bool supervised = row != nullptr && row->here && row->state != NodeState::stopped;
    if (!supervised && is_locked(config.node_path(arguments.id()) / "lock")) {
        return Error{ErrorKind::failed,
                     fmt::format("node {} runs, and no supervisor started it: end it, rebuild it, "
                                 "and start it again",
                                 arguments.node)};
    }
    if (!supervised || arguments.force) return supervised;
    if (auto spare = can_spare(*view, arguments.id()); !spare) return spare.error();
    return supervised;
}

// The leader; one that is to be rebuilt itself hands over first.
Result<ServerConfig> choose_source_for(const RebuildArguments& arguments,
                                       const ClusterConfig& config) {
    if (arguments.from) return dump::find_source(config, NodeId(*arguments.from));
    auto leader = current_leader(config);
    if (leader && *leader == arguments.id()) {
        const auto moved = transfer_leadership(config, std::nullopt);
        if (!moved) return moved.error();
        leader = moved->to;
    }
    if (!leader) return leader.error();
    return dump::find_source(config, *leader);
}

Result<void> wait_until_it_goes_on(const ServerConfig& server, LogIndex index,
                                   const RebuildArguments& arguments, int cancel_fd) {
    constexpr milliseconds pause{50};
    constexpr milliseconds answers_within{500};
    const auto deadline = steady_clock::now() + arguments.patience();
    while (steady_clock::now() < deadline) {
        const auto status = fetch_status(server.admin_host, server.admin_port, answers_within);
        if (status && status->id == server.id && status->applied >= index) return {};
        if (wait_until(-1, 0, steady_clock::now() + pause, cancel_fd) == WaitResult::cancelled)
            return Error{ErrorKind::interrupted, "interrupted; the node is rebuilt, and starts"};
    }
    return Error{ErrorKind::failed,
                 fmt::format("node {} is rebuilt, but does not answer within {:.3g} s: \"raftkv "
                             "cluster logs {}\" may say why",
                             server.id.value(), arguments.timeout_s, server.id.value())};
}

// Stops the node, if the supervisor runs it, and starts it again whatever comes of the rest.
Result<void> exchange_state(const RebuildArguments& arguments, const ClusterConfig& config,
                            const std::filesystem::path& file, bool supervised) {
    const auto socket = ClusterPaths{config.data_path}.socket();
    const auto command = [&](NodeCommand what) -> Result<void> {
        if (!supervised) return {};
        const ControlTarget target{ControlTarget::Kind::one, arguments.id()};
        const auto done = order(socket, {ControlVerb::node, what, target, true},
                                supervisor_works_within, [](const std::string&) {});
        return done ? Result<void>() : done.error();
    };
    if (auto stopped = command(NodeCommand::stop); !stopped) return stopped;
    const auto rebuilt = backup::rebuild_folder(config, arguments.id(), file);
    const auto started = command(NodeCommand::start);
    return rebuilt ? started : rebuilt;
}

void tell(const RebuildArguments& arguments, const ServerConfig& source,
          const backup::Fetched& fetched, bool supervised, double seconds) {
    const raft::SnapshotId& id = fetched.meta.id;
    if (arguments.json) {
        const nlohmann::ordered_json object = {
            {"node", arguments.node},  {"from", source.id.value()}, {"index", id.index.value()},
            {"term", id.term.value()}, {"bytes", fetched.bytes},    {"started", supervised},
            {"seconds", seconds}};
        fmt::print("{}\n", json_text(object));
        return;
    }
    fmt::print(
        "node {} goes on from the state of node {} after entry {} ({} bytes), after {:.1f} s\n",
        arguments.node, source.id.value(), id.index.value(), fetched.bytes, seconds);
    if (!supervised) fmt::print("start it: raftkv node {}\n", arguments.node);
}

Result<void> run_rebuild(const RebuildArguments& arguments) {
    const auto start = steady_clock::now();
    auto config = load_cluster(arguments.config);
    if (!config) return config.error();
    if (auto known = check_node(arguments, *config); !known) return known;
    auto supervised = check_that_it_can_stop(arguments, *config);
    if (!supervised) return supervised.error();
    auto source = choose_source_for(arguments, *config);
    if (!source) return source.error();

    const client::Interrupt interrupt;
    // Within the node's folder, so that it is on the same disk; apart, for the node may be running.
    const RemovedAtEnd fetch_folder(config->node_path(arguments.id()) / "rebuild");
    // Where it can't be created, neither can the file in it.
    [[maybe_unused]] const int created = ::mkdir(fetch_folder.path.c_str(), private_folder_mode);
    const std::filesystem::path fetched_file = fetch_folder.path / "snapshot";
    auto file = dump::NewFile::create(fetched_file, true);
    if (!file) return file.error();
    auto fetched = backup::fetch_backup(
        {*source, arguments.patience(), [&] { return interrupt.happened(); }}, *file, file->part());
    if (!fetched) return fetched.error();
    if (auto finished = file->finish(); !finished) return finished;
    if (auto done = exchange_state(arguments, *config, fetched_file, *supervised); !done)
        return done;
    if (*supervised) {
        auto back = wait_until_it_goes_on(*config->find(arguments.id()), fetched->meta.id.index,
                                          arguments, interrupt.fd());
        if (!back) return back;
    }
    const std::chrono::duration<double> took = steady_clock::now() - start;
    tell(arguments, *source, *fetched, *supervised, took.count());
    return {};
}

}  // namespace

void add_rebuild_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<RebuildArguments>();
    CLI::App* command = cluster.add_subcommand(
        "rebuild", "Give a node the state of the leader, in the place of its own");
    command->add_option("node", arguments->node, "<id>")->required()->check(node_id());
    command->add_option("--from", arguments->from, "The state of this node, and not of the leader")
        ->check(node_id());
    command->add_option("--timeout", arguments->timeout_s, "Seconds without a sign of life")
        ->check(decimal_number(0.1, 86400))
        ->capture_default_str();
    command->add_flag("--force", arguments->force, "Even if no majority is left meanwhile");
    command->add_flag("--json", arguments->json, "For programs");
    add_config_option(*command, arguments->config);
    command->footer(rebuild_footer);
    command->callback([arguments, &exit] { report("rebuild", run_rebuild(*arguments), exit); });
}

}  // namespace raftkv::cli
