#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds `raftkv node <id>`: runs one node until it is told to end.
void add_node_command(CLI::App& root, ExitCode& exit);

}  // namespace raftkv::cli
