#include "cli/test/command.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <random>

#include "cli/command_line/numbers.hpp"
#include "cli/test/chaos/command.hpp"
#include "cli/test/check_command.hpp"
#include "cli/test/runner.hpp"
#include "cli/test/scenarios/scenario.hpp"
#include "cli/test/simulation/command.hpp"

namespace raftkv::cli {
namespace {

using test::Settings;

ExitCode exit_of(const test::Report& report) {
    ExitCode worst = ExitCode::done;
    for (const test::ScenarioReport& scenario : report.scenarios) {
        if (!scenario.failure) continue;
        if (scenario.failure->kind == ErrorKind::interrupted) return ExitCode::interrupted;
        if (scenario.failure->kind != ErrorKind::undecided) worst = ExitCode::failed;
        if (worst == ExitCode::done) worst = ExitCode::undecided;
    }
    return worst;
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
        ->check(whole_number(3, 15))
        ->capture_default_str();
    command
        .add_option("--rounds", settings.rounds,
                    "election: how often the leader is killed, and how often paused; transfer: how "
                    "often leadership moves, each way; snapshot: how often 5 MiB are overwritten")
        ->check(whole_number(1, 10'000))
        ->capture_default_str();
    command.add_option("--clients", settings.clients, "stress, transfer: clients at a time")
        ->check(whole_number(1, 1'000))
        ->capture_default_str();
    command.add_option("--seconds", settings.seconds, "stress: how long they work")
        ->check(whole_number(1, 86'400))
        ->capture_default_str();
    command
        .add_option("--seed", settings.seed,
                    "Where all random choices come from; a new one each time otherwise")
        ->check(whole_number(0));
    command
        .add_option("--node-program", settings.node_program,
                    "Test this program, run as: PATH node <id> --config FILE")
        ->option_text("PATH")
        ->check(CLI::ExistingFile);
    command.add_flag("--keep", settings.keep, "Keep data and logs, and say where they are");
    command.add_flag("--json", settings.json, "Print the result as JSON");
}

// `run_these` are the scenarios that the command stands for.
void add_scenario_command(CLI::App& test, const std::string& name, const std::string& about,
                          std::vector<std::string> run_these, ExitCode& exit) {
    auto settings = std::make_shared<Settings>();
    settings->node_program = "/proc/self/exe";
    settings->seed = std::random_device()();
    settings->scenarios = std::move(run_these);
    CLI::App* command = test.add_subcommand(name, about);
    add_options(*command, *settings);
    command->callback([settings, &exit] { exit = run(*settings); });
}

}  // namespace

void add_test_command(CLI::App& root, ExitCode& exit) {
    CLI::App* command =
        root.add_subcommand("test", "Put clusters, real and simulated, through what can go wrong");
    command->require_subcommand(1);
    std::vector<std::string> names;
    for (const test::Scenario& scenario : test::scenarios()) {
        add_scenario_command(*command, scenario.name, scenario.about, {scenario.name}, exit);
        names.push_back(scenario.name);
    }
    add_scenario_command(*command, "all", "All of these, one after the other", names, exit);
    chaos::add_chaos_command(*command, exit);
    add_simulate_command(*command, exit);
    add_check_command(*command, exit);
}

}  // namespace raftkv::cli
