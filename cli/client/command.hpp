#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds `raftkv client`, which runs when it is parsed and leaves its result in `exit`.
void add_client_command(CLI::App& root, ExitCode& exit);

}  // namespace raftkv::cli
