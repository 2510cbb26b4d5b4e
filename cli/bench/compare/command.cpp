#include "cli/bench/compare/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/bench/compare/compare.hpp"
#include "cli/bench/compare/contender.hpp"
#include "cli/command_line/numbers.hpp"
#include "cli/test/live_line.hpp"

namespace raftkv::bench {
namespace {

constexpr std::string_view compare_footer =
    R"(Each server is started on this machine, all data goes to one folder and away
again. A ratio is raftkv's figure over that of the other in the same round.

Examples:
  raftkv bench compare --folder /var/tmp
  raftkv bench compare --against redis --rounds 9 --seconds 5 --json)";

// What stands before "compare" is for another command, and would be without effect.
bool misplaced_options(const CLI::App& bench) {
    for (const CLI::Option* option : bench.get_options()) {
        if (option->count() == 0) continue;
        fmt::print(stderr, "raftkv: {} stands before \"compare\": its options go after it\n",
                   option->get_name());
        return true;
    }
    return false;
}

ExitCode run(const CompareSettings& settings) {
    test::Interrupt interrupt;
    test::LiveLine line;
    const auto comparison =
        run_compare(settings, interrupt, [&](const std::string& text) { line.show(text); });
    line.clear();
    if (!comparison) {
        fmt::print(stderr, "raftkv: {}\n", comparison.error().message);
        return exit_code(comparison.error().kind);
    }
    const std::string text = settings.json ? as_json(*comparison) : as_text(*comparison);
    std::fwrite(text.data(), 1, text.size(), stdout);
    return ExitCode::done;
}

void add_options(CLI::App& command, CompareSettings& settings) {
    std::vector<std::string> known;
    for (const ContenderKind& kind : contender_kinds()) known.emplace_back(kind.name);
    known.erase(known.begin());  // raftkv itself
    settings.against = known;
    command.add_option("--against", settings.against, "With whom, of these")
        ->delimiter(',')
        ->check(CLI::IsMember(known))
        ->capture_default_str();
    command.add_option("--rounds", settings.rounds, "How often each gets each load")
        ->check(cli::whole_number(5, 1'000))
        ->capture_default_str();
    command.add_option("--seconds", settings.seconds, "For each load of each in a round")
        ->check(cli::decimal_number(0.1, 3'600))
        ->capture_default_str();
    command.add_option("--clients", settings.clients, "Connections, where there are many")
        ->check(cli::whole_number(1, 10'000))
        ->capture_default_str();
    command.add_option("--pipeline", settings.pipeline, "In flight on each, where they are many")
        ->check(cli::whole_number(1, 1'000))
        ->capture_default_str();
    command.add_option("--value-bytes", settings.value_bytes, "Of each value")
        ->check(cli::whole_number(1, 65'536))
        ->capture_default_str();
    command.add_option("--start", settings.nodes, "Nodes of a cluster")
        ->check(cli::whole_number(1, 15))
        ->capture_default_str();
    command
        .add_option("--memory-keys", settings.memory_keys,
                    "Measure the memory of a key, too, with so many of them")
        ->check(cli::whole_number(10'000, 100'000'000));
    command.add_option("--folder", settings.folder, "On the disk to be measured")
        ->option_text("FOLDER")
        ->check(CLI::ExistingDirectory);
    command.add_flag("--json", settings.json, "Print the result as JSON");
}

}  // namespace

void add_compare_command(CLI::App& bench, ExitCode& exit) {
    auto settings = std::make_shared<CompareSettings>();
    CLI::App* command = bench.add_subcommand(
        "compare", "The same load for raftkv, Redis, memcached and etcd, turn by turn");
    add_options(*command, *settings);
    command->footer(std::string(compare_footer));
    command->callback([&bench, settings, &exit] {
        exit = misplaced_options(bench) ? ExitCode::usage : run(*settings);
    });
}

}  // namespace raftkv::bench
