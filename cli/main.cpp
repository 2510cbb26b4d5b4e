#include <CLI/CLI.hpp>

#include "cli/bench/command.hpp"
#include "cli/client/command.hpp"
#include "cli/cluster/command.hpp"
#include "cli/node/command.hpp"
#include "cli/test/command.hpp"
#include "common/error.hpp"
#include "common/standard_descriptors.hpp"

using raftkv::ExitCode;

int main(int argc, char** argv) {
    raftkv::hold_standard_descriptors();
    CLI::App app("A replicated key-value store: a Raft cluster, its supervisor and its client.",
                 "raftkv");
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "Print the help of all commands and exit");

    ExitCode exit = ExitCode::done;
    raftkv::cli::add_cluster_command(app, exit);
    raftkv::cli::add_client_command(app, exit);
    raftkv::cli::add_test_command(app, exit);
    raftkv::bench::add_bench_command(app, exit);
    raftkv::cli::add_node_command(app, exit);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 prints help on stdout, complaints on stderr; its own numbers are not ours.
        const int code = app.exit(error);
        return static_cast<int>(code == 0 ? ExitCode::done : ExitCode::usage);
    }
    return static_cast<int>(exit);
}
