#pragma once

#include <filesystem>
#include <optional>

#include "cli/admin/members.hpp"
#include "common/config.hpp"
#include "common/error.hpp"
#include "common/result.hpp"

namespace raftkv::cli {

// Runs the nodes of `config` that belong on this machine until told to stop, by Ctrl-C, SIGTERM or
// over the control socket. Call it from the main thread: it starts the nodes, and they end with the
// thread that started them.
//
// `of_folders`: who the members are as far as the folders here tell, where the file of an earlier
// supervisor does not say it.
//
// The exit code: done after an orderly stop; interrupted after a second Ctrl-C; what the nodes
// ended with when all of them had to be given up. An Error: it did not come to that.
Result<ExitCode> supervise(const ClusterConfig& config, const std::filesystem::path& config_file,
                           const std::optional<MembersView>& of_folders);

}  // namespace raftkv::cli
