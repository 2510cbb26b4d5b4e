#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds `raftkv cluster` and its commands.
void add_cluster_command(CLI::App& root, ExitCode& exit);

}  // namespace raftkv::cli
