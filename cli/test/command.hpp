#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds "test" with a subcommand for each thing to run; the one that is given is run and sets
// `exit`.
void add_test_command(CLI::App& root, ExitCode& exit);

}  // namespace raftkv::cli
