#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds `raftkv node <id>`, which runs one node until it is told to end, and `raftkv node verify`
// and `inspect`, which look at the folder of one that does not run.
void add_node_command(CLI::App& root, ExitCode& exit);

}  // namespace raftkv::cli
