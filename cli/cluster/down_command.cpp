#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <system_error>
#include <vector>

#include "cli/admin/known_members.hpp"
#include "cli/cluster/backup/folder_place.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/control_client.hpp"
#include "cli/cluster/preflight.hpp"
#include "cli/cluster/subcommands.hpp"
#include "common/cluster_record.hpp"
#include "common/config.hpp"
#include "common/server_moves.hpp"

namespace raftkv::cli {

namespace {

// Twice the longest wait for a node, and some.
constexpr std::chrono::seconds down_within{45};

struct DownArguments {
    std::string config = default_config_file;
    bool wipe = false;
};

Result<void> end_supervisor(const ClusterPaths& paths) {
    auto ended = order(paths.socket(), {ControlVerb::down}, down_within, [](const auto& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    });
    return ended ? Result<void>() : ended.error();
}

// Who was added a moment ago is known to the supervisor alone.
void add_nodes_of_supervisor(const ClusterPaths& paths, std::vector<NodeId>& here) {
    constexpr std::chrono::milliseconds answers_within{2000};
    const auto view = fetch_view(paths.socket(), answers_within);
    if (!view) return;
    for (const NodeView& node : view->nodes) {
        if (node.here && std::find(here.begin(), here.end(), node.id) == here.end())
            here.push_back(node.id);
    }
}

// Those who belonged to the cluster once, too: what they left says that there was one.
std::vector<NodeId> with_those_that_left(const ClusterPaths& paths, std::vector<NodeId> nodes) {
    for (NodeId id : node_folders(paths.data, cluster_in(paths.data)))
        if (std::find(nodes.begin(), nodes.end(), id) == nodes.end()) nodes.push_back(id);
    return nodes;
}

// Only what a cluster has made there; "Path" may hold other things, too.
Result<void> wipe(const ClusterConfig& config, const ClusterPaths& paths,
                  const std::vector<NodeId>& nodes) {
    std::vector<std::filesystem::path> files{paths.socket(), paths.log(), rotated(paths.log()),
                                             members_file(paths.data),
                                             cluster_record_file(paths.data)};
    for (NodeId id : nodes) {
        // A node that somebody runs by hand holds its folder locked.
        if (is_locked(config.node_path(id) / "lock")) {
            return Error{ErrorKind::failed,
                         fmt::format("{} is in use by a node that no supervisor started: end it "
                                     "first",
                                     config.node_path(id).string())};
        }
        files.insert(files.end(), {config.node_path(id), paths.node_pid(id), paths.node_log(id),
                                   rotated(paths.node_log(id)), move_file(paths.data, id)});
    }
    files.push_back(paths.lock());
    for (const auto& file : files) {
        if (auto removed = backup::remove_all_of(file); !removed) return removed;
    }
    // Where a link leads to that is not empty, the link stays, too.
    std::error_code not_empty;
    const std::filesystem::path target = std::filesystem::canonical(paths.data, not_empty);
    if (std::filesystem::remove(target, not_empty) && target != paths.data)
        std::filesystem::remove(paths.data, not_empty);
    fmt::print("removed the data of {} nodes in {}\n", nodes.size(), paths.data.string());
    return {};
}

Result<void> bring_down(const DownArguments& arguments) {
    auto config = load_config(arguments.config);
    if (!config) return config.error();
    ClusterPaths paths{config->data_path};
    auto places = places_of(with_all_servers(*config));
    if (!places) return places.error();
    // Whose host's name does not resolve may have left something here all the same.
    Result<std::vector<NodeId>> here = std::move(places->here);
    here->insert(here->end(), places->unknown.begin(), places->unknown.end());
    bool was_running = is_locked(paths.lock());
    std::error_code ignored;
    if (was_running) {
        add_nodes_of_supervisor(paths, *here);
        // It may end between the question and the answer; the lock tells.
        auto ended = end_supervisor(paths);
        if (!ended && is_locked(paths.lock())) return ended;
    } else if (!std::filesystem::exists(paths.data, ignored)) {
        fmt::print("nothing runs, and there is no data in {}\n", paths.data.string());
        return {};
    }
    // The lock is free only when the supervisor has really gone.
    auto lock = lock_when_free(paths, down_within, [] { return true; });
    if (!lock) return lock.error();
    auto leftovers = end_leftovers(paths, *here);
    if (!leftovers) return leftovers.error();
    for (const std::string& line : *leftovers) fmt::print("{}\n", line);
    fmt::print("{}\n", was_running ? "the cluster has stopped" : "no supervisor was running");
    return arguments.wipe ? wipe(*config, paths, with_those_that_left(paths, *here))
                          : Result<void>();
}

}  // namespace

void add_down_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<DownArguments>();
    CLI::App* command =
        cluster.add_subcommand("down", "Stop all nodes, the leader last, and the supervisor");
    add_config_option(*command, arguments->config);
    command->add_flag("--wipe", arguments->wipe, "And remove all data and logs");
    command->callback([arguments, &exit] { report("down", bring_down(*arguments), exit); });
}

}  // namespace raftkv::cli
