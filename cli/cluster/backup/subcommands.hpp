#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds `raftkv cluster backup`, `restore`, `recover` and `rebuild`.
void add_backup_command(CLI::App& cluster, ExitCode& exit);
void add_restore_command(CLI::App& cluster, ExitCode& exit);
void add_recover_command(CLI::App& cluster, ExitCode& exit);
void add_rebuild_command(CLI::App& cluster, ExitCode& exit);

}  // namespace raftkv::cli
