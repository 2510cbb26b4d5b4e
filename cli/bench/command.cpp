#include "cli/bench/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "cli/bench/compare/command.hpp"
#include "cli/bench/page.hpp"
#include "cli/bench/run.hpp"
#include "cli/command_line/numbers.hpp"
#include "cli/page/page.hpp"
#include "cli/test/live_line.hpp"

namespace raftkv::bench {
namespace {

constexpr std::string_view footer =
    R"(Without --nodes a cluster is started on this machine, and removed afterwards.
Keys are 16 bytes. set makes new ones; get, cas and mixed (half and half of the
two) take those that --keys wrote before. Without --rate each connection sends
the next operation when one is answered; with it, operations begin at their
time, and one that had to wait is charged with the wait.

Exit codes: 0 done; 1 operations failed, or a node; 64 usage; 69 no leader answered;
74 input or output failed; 130 interrupted, what was measured until then is said.

Examples:
  raftkv bench
  raftkv bench --op get --pipeline 16 --seconds 5
  raftkv bench --nodes localhost:9000,localhost:9001 --rate 5000 --report out.html)";

ExitCode complain(const Error& error) {
    fmt::print(stderr, "raftkv: {}\n", error.message);
    return exit_code(error.kind);
}

ExitCode exit_of(const Report& report) {
    if (report.load.interrupted) return ExitCode::interrupted;
    const bool good = report.load.errors() == 0 && report.load.answered() > 0;
    return good ? ExitCode::done : ExitCode::failed;
}

ExitCode run(const Arguments& arguments) {
    const auto settings = settings_of(arguments);
    if (!settings) return complain(settings.error());
    const std::filesystem::path& page = settings->report;
    // Better to learn now that there is no place for it than when all is over.
    if (!page.empty()) {
        if (auto written = cli::write_page({}, page); !written) return complain(written.error());
    }
    test::Interrupt interrupt;
    test::LiveLine line;
    const auto report =
        run_bench(*settings, interrupt, [&](const std::string& text) { line.show(text); });
    line.clear();
    if (!report) return complain(report.error());
    if (!page.empty()) {
        auto written = cli::write_page(as_page(*report), page);
        if (!written) return complain(written.error());
    }
    std::string text = settings->json ? as_json(*report) : as_text(*report);
    if (!settings->json && !page.empty()) text += "report: " + page.string() + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    return exit_of(*report);
}

void add_cluster_options(CLI::App& command, Settings& settings) {
    command.add_option("--nodes", settings.addresses, "Measure nodes that run: host:port of each")
        ->option_text("ADDRESS,...")
        ->delimiter(',');
    command.add_option("--start", settings.nodes, "Nodes of the cluster that is started otherwise")
        ->check(cli::whole_number(1, 15))
        ->capture_default_str();
    command
        .add_option("--folder", settings.folder,
                    "Where its data goes: a folder on the disk to be measured")
        ->option_text("FOLDER")
        ->check(CLI::ExistingDirectory);
}

void add_load_options(CLI::App& command, Arguments& arguments) {
    Settings& settings = arguments.settings;
    command.add_option("--op", arguments.op, "set, get, mixed or cas")
        ->check(CLI::IsMember({"set", "get", "mixed", "cas"}))
        ->capture_default_str();
    command.add_option("--clients", settings.clients, "Connections")
        ->check(cli::whole_number(1, 20'000))
        ->capture_default_str();
    command.add_option("--pipeline", settings.pipeline, "Operations in flight on each")
        ->check(cli::whole_number(1, 10'000))
        ->capture_default_str();
    command.add_option("--value-bytes", settings.value_bytes, "Of each value")
        ->check(cli::whole_number(1, 1'048'576))
        ->capture_default_str();
    command
        .add_option("--keys", settings.keys,
                    "Written before, not measured (10000 where there have to be some)")
        ->check(cli::whole_number(0, 100'000'000));
    command.add_option("--distribution", arguments.distribution, "Of the keys: uniform or zipf")
        ->check(CLI::IsMember({"uniform", "zipf"}))
        ->capture_default_str();
    command.add_option("--rate", settings.rate, "Operations a second, each at its time")
        ->check(cli::decimal_number(0, 1e7));
    command.add_option("--seconds", settings.seconds, "How long is measured, after half a second")
        ->check(cli::decimal_number(0.1, 86'400))
        ->capture_default_str();
}

}  // namespace

void add_bench_command(CLI::App& root, ExitCode& exit) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* command =
        root.add_subcommand("bench", "Measure how fast a cluster is, and what that costs");
    add_cluster_options(*command, arguments->settings);
    add_load_options(*command, *arguments);
    command
        ->add_option("--report", arguments->settings.report,
                     "Write a page for a browser to this file")
        ->option_text("FILE");
    command->add_flag("--json", arguments->settings.json, "Print the result as JSON");
    command->footer(std::string(footer));
    add_compare_command(*command, exit);
    command->callback([command, arguments, &exit] {
        if (!command->get_subcommands().empty()) return;  // that is another command
        arguments->names_nodes = command->count("--nodes") > 0;
        arguments->names_start = command->count("--start") > 0;
        arguments->names_folder = command->count("--folder") > 0;
        arguments->names_keys = command->count("--keys") > 0;
        arguments->names_distribution = command->count("--distribution") > 0;
        arguments->names_rate = command->count("--rate") > 0;
        exit = run(*arguments);
    });
}

}  // namespace raftkv::bench
