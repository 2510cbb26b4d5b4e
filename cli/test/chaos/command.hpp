#pragma once

#include "common/error.hpp"

namespace CLI {
class App;
}

namespace raftkv::chaos {

// Adds "chaos" to "test": when it is given, it is run and sets `exit`.
void add_chaos_command(CLI::App& test, ExitCode& exit);

}  // namespace raftkv::chaos
