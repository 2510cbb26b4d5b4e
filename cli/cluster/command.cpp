#include "cli/cluster/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/cluster/backup/subcommands.hpp"
#include "cli/cluster/dump/subcommands.hpp"
#include "cli/cluster/subcommands.hpp"

namespace raftkv::cli {

void add_cluster_command(CLI::App& root, ExitCode& exit) {
    CLI::App* cluster = root.add_subcommand(
        "cluster", "Start the nodes of config.json, watch them, hurt them, stop them");
    cluster->require_subcommand(1);
    add_up_command(*cluster, exit);
    add_bootstrap_command(*cluster, exit);
    add_status_command(*cluster, exit);
    add_node_commands(*cluster, exit);
    add_move_command(*cluster, exit);
    add_member_commands(*cluster, exit);
    add_transfer_command(*cluster, exit);
    add_fault_command(*cluster, exit);
    add_logs_command(*cluster, exit);
    add_dump_command(*cluster, exit);
    add_load_command(*cluster, exit);
    add_backup_command(*cluster, exit);
    add_restore_command(*cluster, exit);
    add_recover_command(*cluster, exit);
    add_rebuild_command(*cluster, exit);
    add_down_command(*cluster, exit);
}

void add_config_option(CLI::App& command, std::string& file) {
    command.add_option("--config", file, "The cluster's configuration")->capture_default_str();
}

void report(const char* command, const Result<void>& result, ExitCode& exit) {
    if (result) return;
    fmt::print(stderr, "raftkv cluster {}: {}\n", command, result.error().message);
    exit = exit_code(result.error().kind);
}

void report(const char* command, const Result<ExitCode>& result, ExitCode& exit) {
    if (result) {
        exit = *result;
    } else {
        report(command, Result<void>(result.error()), exit);
    }
}

}  // namespace raftkv::cli
