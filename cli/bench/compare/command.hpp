#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::bench {

// Adds "compare" to `raftkv bench`. Its callback leaves the exit code in `exit`.
void add_compare_command(CLI::App& bench, ExitCode& exit);

}  // namespace raftkv::bench
