#pragma once

#include <chrono>
#include <filesystem>

#include "common/config.hpp"
#include "common/error.hpp"
#include "common/result.hpp"

namespace raftkv::cli {

// Starts a supervisor that outlives this process, its output in its log, and returns once it is in
// charge; with `wait` not before a quorum has answered a read. On an Error of kind unavailable the
// supervisor goes on trying; on any other there is none, and the message says why.
//
// A supervisor that ends by itself meanwhile: what it said goes to stderr, and its exit code is
// returned.
Result<ExitCode> start_in_background(const ClusterConfig& config,
                                     const std::filesystem::path& config_file, bool wait,
                                     std::chrono::milliseconds timeout);

}  // namespace raftkv::cli
