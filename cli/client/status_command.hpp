#pragma once

#include <chrono>
#include <string>

#include "cli/client/printer.hpp"
#include "cli/client/target.hpp"
#include "common/error.hpp"

namespace raftkv::cli::client {

// The command `status [node]`: all nodes that belong to the cluster now, or the one named by id,
// address or "leader".
ExitCode show_status(const Target& known, const std::string& node,
                     std::chrono::milliseconds timeout, Printer& printer);

}  // namespace raftkv::cli::client
