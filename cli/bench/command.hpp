#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::bench {

// Adds `raftkv bench`. Its callback leaves the exit code in `exit`.
void add_bench_command(CLI::App& root, ExitCode& exit);

}  // namespace raftkv::bench
