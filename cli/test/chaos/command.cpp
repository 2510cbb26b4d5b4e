#include "cli/test/chaos/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <random>

#include "cli/command_line/numbers.hpp"
#include "cli/test/chaos/page.hpp"
#include "cli/test/chaos/run.hpp"

namespace raftkv::chaos {
namespace {

struct Arguments {
    Settings settings;
    std::string node_program;
    std::string report;
    std::vector<std::string> families;
    std::int64_t every_ms = 1'500;
};

ExitCode complain(const Error& error) {
    fmt::print(stderr, "raftkv: {}\n", error.message);
    return exit_code(error.kind);
}

ExitCode run(const Settings& settings) {
    test::Interrupt interrupt;
    // Better to learn now that there is no place for it than when all is over.
    if (!settings.report.empty()) {
        if (auto written = write_page(Report{}, settings.report); !written) {
            return complain(written.error());
        }
    }
    test::Progress progress = test::Progress::on_stderr();
    const auto report = run_chaos(settings, progress, interrupt);
    if (!report) return complain(report.error());
    if (!settings.report.empty()) {
        if (auto written = write_page(*report, settings.report); !written) {
            return complain(written.error());
        }
    }
    std::string text = settings.json ? as_json(*report) : as_text(*report);
    if (!settings.json && !settings.report.empty()) {
        text += "  report: " + settings.report.string() + "\n";
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    return report->exit_code();
}

void add_options(CLI::App& command, Arguments& arguments) {
    Settings& settings = arguments.settings;
    command.add_option("--seconds", settings.seconds, "How long things go wrong")
        ->check(cli::whole_number(1, 3'600))
        ->capture_default_str();
    command
        .add_option("--seed", settings.seed,
                    "Where the schedule of faults comes from; a new one each time otherwise")
        ->check(cli::whole_number(0));
    command.add_option("--nodes", settings.nodes, "Nodes of the cluster")
        ->check(cli::whole_number(3, 15))
        ->capture_default_str();
    command.add_option("--clients", settings.clients, "Clients at a time")
        ->check(cli::whole_number(1, 1'000))
        ->capture_default_str();
    std::vector<std::string> known;
    for (Family family : all_families()) known.emplace_back(name_of(family));
    arguments.families = known;
    command.add_option("--faults", arguments.families, "What goes wrong, of these")
        ->delimiter(',')
        ->check(CLI::IsMember(known))
        ->capture_default_str();
    command.add_option("--every", arguments.every_ms, "From one fault to the next, about")
        ->option_text("MS")
        ->check(cli::whole_number(100, 600'000))
        ->capture_default_str();
    command.add_option("--report", arguments.report, "Write a page for a browser to this file")
        ->option_text("FILE");
    command
        .add_option("--node-program", arguments.node_program,
                    "Test this program, run as: PATH node <id> --config FILE")
        ->option_text("PATH")
        ->check(CLI::ExistingFile);
    command.add_flag("--keep", settings.keep, "Keep data and logs, and say where they are");
    command.add_flag("--json", settings.json, "Print the report as JSON");
}

// In the order of the table, each once.
std::vector<Family> chosen(const std::vector<std::string>& names) {
    std::vector<Family> families;
    for (Family family : all_families()) {
        if (std::find(names.begin(), names.end(), name_of(family)) != names.end()) {
            families.push_back(family);
        }
    }
    return families;
}

}  // namespace

void add_chaos_command(CLI::App& test, ExitCode& exit) {
    auto arguments = std::make_shared<Arguments>();
    arguments->settings.seed = std::random_device()();
    CLI::App* command = test.add_subcommand(
        "chaos", "Clients work while nodes, links, disks and clocks fail; then all is judged");
    add_options(*command, *arguments);
    command->callback([arguments, &exit] {
        Settings settings = arguments->settings;
        settings.own_nodes = arguments->node_program.empty();
        settings.node_program =
            settings.own_nodes ? "/proc/self/exe" : std::filesystem::path(arguments->node_program);
        settings.report = arguments->report;
        settings.families = chosen(arguments->families);
        settings.every = Millis(arguments->every_ms);
        exit = run(settings);
    });
}

}  // namespace raftkv::chaos
