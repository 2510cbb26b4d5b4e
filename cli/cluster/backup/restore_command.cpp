#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/client/interrupt.hpp"
#include "cli/cluster/backup/make_room.hpp"
#include "cli/cluster/backup/new_folder.hpp"
#include "cli/cluster/backup/restore_folders.hpp"
#include "cli/cluster/backup/subcommands.hpp"
#include "cli/cluster/preflight.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/json_text.hpp"
#include "cli/command_line/numbers.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

constexpr const char* restore_footer =
    R"(Makes the data folders of a new cluster, which starts with what is in FILE ("raftkv cluster backup").
Its members are the servers of config.json, whoever they were before; its id is a new random number,
so folders and nodes of the old cluster are refused. All of FILE is verified first; folders have
their names only when all of them are complete, and none of those names may be taken.
When the servers are on several machines, each makes its own, with the same FILE and config.json, and
with the cluster id that the first one says:
  raftkv cluster restore FILE --cluster-id 6f0c29a1d5e7b384

Exit codes: 0 the folders are there; 1 the cluster runs; 64 a folder is there already, or FILE is not;
65 FILE is damaged, or no backup; 74 a folder can't be written; 130 interrupted.)";

struct RestoreArguments {
    std::string config = default_config_file;
    std::string file;
    std::vector<std::uint32_t> nodes;
    std::string cluster_id;
    bool json = false;
};

Result<std::vector<NodeId>> nodes_of(const RestoreArguments& arguments,
                                     const ClusterConfig& config) {
    if (arguments.nodes.empty()) return nodes_here(config);
    std::vector<NodeId> nodes;
    for (const std::uint32_t id : arguments.nodes) {
        if (config.find(NodeId(id)) == nullptr)
            return Error{ErrorKind::usage, fmt::format("config.json has no node {}", id)};
        nodes.emplace_back(id);
    }
    return nodes;
}

Result<std::uint64_t> cluster_id_of(const RestoreArguments& arguments) {
    if (arguments.cluster_id.empty()) return backup::random_id();
    if (const auto id = backup::parse_cluster_id(arguments.cluster_id)) return *id;
    return Error{ErrorKind::usage,
                 "--cluster-id takes the 16 hex digits that another machine's "
                 "restore has said"};
}

void tell(const RestoreArguments& arguments, const ClusterConfig& config,
          const backup::Restore& restore, const storage::SnapshotMeta& meta) {
    std::vector<std::uint32_t> ids;
    for (NodeId id : restore.nodes) ids.push_back(id.value());
    const std::string cluster = fmt::format("{:016x}", restore.cluster_id);
    if (arguments.json) {
        const nlohmann::ordered_json object = {
            {"cluster", cluster},
            {"nodes", ids},
            {"index", meta.id.index.value()},
            {"backup_of", fmt::format("{:016x}", meta.cluster_id)}};
        fmt::print("{}\n", json_text(object));
        return;
    }
    fmt::print(
        "made the folders of {} {} of the new cluster {}, as of log entry {} of cluster "
        "{:016x}\n",
        ids.size() == 1 ? "node" : "nodes", fmt::join(ids, ", "), cluster, meta.id.index.value(),
        meta.cluster_id);
    if (ids.size() < config.servers.size())
        fmt::print("the folders of the others: raftkv cluster restore {} --cluster-id {}\n",
                   arguments.file, cluster);
}

Result<void> run_restore(const RestoreArguments& arguments) {
    auto config = load_config(arguments.config);
    if (!config) return config.error();
    auto nodes = nodes_of(arguments, *config);
    if (!nodes) return nodes.error();
    auto cluster_id = cluster_id_of(arguments);
    if (!cluster_id) return cluster_id.error();
    // Nobody starts nodes, or restores others, meanwhile.
    auto lock = lock_cluster(ClusterPaths{config->data_path});
    if (!lock) return lock.error();
    const client::Interrupt interrupt;
    const backup::Restore restore{arguments.file, std::move(*nodes), *cluster_id,
                                  [&] { return interrupt.happened(); }};
    auto meta = backup::restore_folders(*config, restore);
    if (!meta) return meta.error();
    tell(arguments, *config, restore, *meta);
    return {};
}

}  // namespace

void add_restore_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<RestoreArguments>();
    CLI::App* command = cluster.add_subcommand("restore", "Make a new cluster of a backup");
    command->add_option("file", arguments->file, "FILE")->required();
    command
        ->add_option("--node", arguments->nodes,
                     "Only these nodes (default: those on this machine)")
        ->allow_extra_args(false)
        ->check(node_id());
    command->add_option("--cluster-id", arguments->cluster_id,
                        "That of the cluster whose other folders are made elsewhere");
    command->add_flag("--json", arguments->json, "For programs");
    add_config_option(*command, arguments->config);
    command->footer(restore_footer);
    command->callback([arguments, &exit] { report("restore", run_restore(*arguments), exit); });
}

}  // namespace raftkv::cli
