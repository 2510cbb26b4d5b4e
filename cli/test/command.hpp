#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds "test": when it is given, runs the scenarios and sets `exit`.
void add_test_command(CLI::App& root, ExitCode& exit);

}  // namespace raftkv::cli
