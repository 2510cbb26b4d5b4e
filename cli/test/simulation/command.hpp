#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds `simulate` to `test`.
void add_simulate_command(CLI::App& test, ExitCode& exit);

}  // namespace raftkv::cli
