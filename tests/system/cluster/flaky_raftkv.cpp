#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "cli/cluster/command.hpp"

// `raftkv` with the real supervisor. Its nodes are the real ones, unless a file "node-<id>.whim"
// beside the configuration holds the exit code to end with, or "deaf": to do nothing, and not even
// end at SIGTERM.

namespace {

int run_node(const std::string& id, const std::string& config, char** argv) {
    auto whim_file = std::filesystem::path(config).parent_path() / ("node-" + id + ".whim");
    std::string whim;
    if (!(std::ifstream(whim_file) >> whim)) {
        ::execv(RAFTKV_BINARY, argv);
        return 127;
    }
    if (whim == "deaf") {
        ::signal(SIGTERM, SIG_IGN);
        for (;;) ::pause();
    }
    std::cerr << "on a whim, node " << id << " ends with " << whim << std::endl;
    return std::stoi(whim);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("raftkv with unreliable nodes");
    raftkv::ExitCode exit = raftkv::ExitCode::done;
    raftkv::cli::add_cluster_command(app, exit);
    std::string id;
    std::string config;
    CLI::App* node = app.add_subcommand("node");
    node->add_option("id", id)->required();
    node->add_option("--config", config)->required();
    // These go on to the real one, with all of argv.
    bool allow_faults = false;
    node->add_flag("--allow-faults", allow_faults);
    std::string join;
    node->add_option("--join", join);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(raftkv::ExitCode::usage);
    }
    return node->parsed() ? run_node(id, config, argv) : static_cast<int>(exit);
}
