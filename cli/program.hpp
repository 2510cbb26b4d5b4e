#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}  // namespace CLI

namespace raftkv::cli {

// All commands. What one of them ends with is left in `exit`.
void add_commands(CLI::App& app, ExitCode& exit);

// Carries out a command line; gives what the process ends with.
ExitCode run_program(int argc, char** argv);

}  // namespace raftkv::cli
