#include "cli/test/command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <random>

#include "cli/test/runner.hpp"
#include "cli/test/scenarios/scenario.hpp"

namespace raftkv::cli {
namespace {

using test::Settings;

std::vector<std::string> scenario_names() {
    std::vector<std::string> names;
    for (const test::Scenario& scenario : test::scenarios()) names.push_back(scenario.name);
    return names;
}

ExitCode exit_of(const test::Report& report) {
    for (const test::ScenarioReport& scenario : report.scenarios) {
        if (scenario.failure && scenario.failure->kind == ErrorKind::interrupted) {
            return ExitCode::interrupted;
        }
    }
    return report.passed() ? ExitCode::done : ExitCode::failed;
}

ExitCode run(const Settings& settings) {
    test::Interrupt interrupt;
    test::Progress progress = test::Progress::on_stderr();
    const test::Report report = test::run_scenarios(settings, progress, interrupt);
    const std::string text = settings.json ? as_json(report) : as_table(report);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return exit_of(report);
}

void add_options(CLI::App& command, Settings& settings) {
    command.add_option("--nodes", settings.nodes, "Nodes of each cluster")
        ->check(CLI::Range(3, 15))
        ->capture_default_str();
    command
        .add_option("--rounds", settings.rounds,
                    "election: how often the leader is killed, and how often paused")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    command.add_option("--clients", settings.clients, "stress: clients at a time")
        ->check(CLI::Range(1, 1'000))
        ->capture_default_str();
    command.add_option("--seconds", settings.seconds, "stress: how long they work")
        ->check(CLI::Range(1, 86'400))
        ->capture_default_str();
    command
        .add_option("--seed", settings.seed,
                    "Where all random choices come from; a new one each time otherwise")
        ->check(CLI::NonNegativeNumber);
    command
        .add_option("--node-program", settings.node_program,
                    "Test this program, run as: PATH node <id> --config FILE")
        ->option_text("PATH")
        ->check(CLI::ExistingFile);
    command.add_flag("--keep", settings.keep, "Keep data and logs, and say where they are");
    command.add_flag("--json", settings.json, "Print the result as JSON");
}

}  // namespace

void add_test_command(CLI::App& root, ExitCode& exit) {
    auto settings = std::make_shared<Settings>();
    auto scenario = std::make_shared<std::string>();
    settings->node_program = "/proc/self/exe";
    settings->seed = std::random_device()();

    CLI::App* command =
        root.add_subcommand("test", "Put real clusters through elections, replication and stress");
    std::vector<std::string> names = scenario_names();
    names.push_back("all");
    command->add_option("scenario", *scenario, "What to run")
        ->required()
        ->check(CLI::IsMember(names));
    add_options(*command, *settings);
    command->callback([settings, scenario, &exit] {
        settings->scenarios =
            *scenario == "all" ? scenario_names() : std::vector<std::string>{*scenario};
        exit = run(*settings);
    });
}

}  // namespace raftkv::cli
