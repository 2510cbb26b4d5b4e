#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "cli/admin/known_members.hpp"
#include "cli/cluster/background.hpp"
#include "cli/cluster/backup/members_of_folders.hpp"
#include "cli/cluster/new_config.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/cluster/supervisor.hpp"
#include "cli/command_line/numbers.hpp"
#include "common/private_files.hpp"

namespace raftkv::cli {

namespace {

struct UpArguments {
    std::string config = default_config_file;
    std::uint32_t nodes = 0;
    bool detach = false;
    bool wait = false;
    std::uint32_t timeout_s = 30;
};

// Whoever config.json lists may have been replaced since: then only the folders say by whom.
std::optional<MembersView> members_where_file_is_lost(const ClusterConfig& config) {
    const bool is_ours = check_socket_folder(config.data_path).ok();  // else nothing is started
    if (!is_ours || load_known_members(config.data_path)) return std::nullopt;
    return backup::members_of_folders(config);
}

Result<ExitCode> bring_up(const UpArguments& arguments) {
    auto config = load_or_make_config(arguments.config, arguments.nodes);
    if (!config) return config.error();
    auto file = std::filesystem::absolute(arguments.config);
    if (!arguments.detach) return supervise(*config, file, members_where_file_is_lost(*config));
    return start_in_background(*config, file, arguments.wait,
                               std::chrono::seconds(arguments.timeout_s));
}

}  // namespace

void add_up_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<UpArguments>();
    CLI::App* command = cluster.add_subcommand(
        "up", "Start the nodes of config.json that belong on this machine, and look after them");
    add_config_option(*command, arguments->config);
    command
        ->add_option("--nodes", arguments->nodes,
                     "Without a config.json: make one for so many nodes on this machine")
        ->check(whole_number(1, most_nodes));
    auto* detach = command->add_flag("-d,--detach", arguments->detach, "Go to the background");
    command->add_flag("--wait", arguments->wait, "Return once a quorum has answered a read")
        ->needs(detach);
    command->add_option("--timeout", arguments->timeout_s, "Seconds that --detach waits at most")
        ->check(whole_number(1, 3600))
        ->capture_default_str();
    command->callback([arguments, &exit] { report("up", bring_up(*arguments), exit); });
}

}  // namespace raftkv::cli
