#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds `raftkv cluster dump` and `raftkv cluster load`.
void add_dump_command(CLI::App& cluster, ExitCode& exit);
void add_load_command(CLI::App& cluster, ExitCode& exit);

}  // namespace raftkv::cli
