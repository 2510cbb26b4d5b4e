#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::cli {

// Adds "check" to `test`: it reads a recorded history, says whether it is linearizable and sets
// `exit`.
void add_check_command(CLI::App& test, ExitCode& exit);

}  // namespace raftkv::cli
