#pragma once

#include <string>

#include "common/error.hpp"
#include "common/result.hpp"

namespace CLI {
class App;
}

// The commands of `raftkv cluster`, a file for each family.

namespace raftkv::cli {

constexpr const char* default_config_file = "config.json";

void add_up_command(CLI::App& cluster, ExitCode& exit);
void add_bootstrap_command(CLI::App& cluster, ExitCode& exit);
void add_status_command(CLI::App& cluster, ExitCode& exit);
// kill, stop, start, restart, pause, resume
void add_node_commands(CLI::App& cluster, ExitCode& exit);
// members, add, remove, promote, replace
void add_member_commands(CLI::App& cluster, ExitCode& exit);
// Another address of a member.
void add_move_command(CLI::App& cluster, ExitCode& exit);
void add_transfer_command(CLI::App& cluster, ExitCode& exit);
// What nodes can be made to suffer.
void add_fault_command(CLI::App& cluster, ExitCode& exit);
void add_logs_command(CLI::App& cluster, ExitCode& exit);
void add_down_command(CLI::App& cluster, ExitCode& exit);

void add_config_option(CLI::App& command, std::string& file);
// Sets the exit code; says on stderr what went wrong, if anything did.
void report(const char* command, const Result<void>& result, ExitCode& exit);
void report(const char* command, const Result<ExitCode>& result, ExitCode& exit);

}  // namespace raftkv::cli
