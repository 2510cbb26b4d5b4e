#pragma once

#include <optional>

#include "common/error.hpp"
#include "tests/benchmark/goals/bed.hpp"

namespace CLI {
class App;
}

namespace raftkv::benchmark {

// What a program takes that measures clusters in rounds.
void declare_settings(CLI::App& app, Settings& settings);

// An exit code when that is all: help, or arguments that are wrong.
std::optional<ExitCode> parse(CLI::App& app, int argc, char** argv, Settings& settings);

}  // namespace raftkv::benchmark
