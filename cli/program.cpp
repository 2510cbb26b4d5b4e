#include "cli/program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "cli/bench/command.hpp"
#include "cli/client/command.hpp"
#include "cli/cluster/command.hpp"
#include "cli/command_line/standard_output.hpp"
#include "cli/command_line/suggestion.hpp"
#include "cli/node/command.hpp"
#include "cli/test/command.hpp"

namespace raftkv::cli {

namespace {

// Commands that have something to put in order take the signal themselves.
void end_at_ctrl_c() {
    struct sigaction before {};
    ::sigaction(SIGINT, nullptr, &before);
    if (before.sa_handler == SIG_IGN) return;  // whoever started it wants it so
    ::signal(SIGINT, [](int) { ::_exit(static_cast<int>(ExitCode::interrupted)); });
}

const CLI::App& command_that_was_named(const CLI::App& app) {
    const auto named = app.get_subcommands();
    return named.empty() ? app : command_that_was_named(*named.back());
}

std::string path_of(const CLI::App& command) {
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name()
                             : fmt::format("{} {}", path_of(*parent), command.get_name());
}

std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
}

std::vector<std::string> command_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::App* sub : command.get_subcommands(nullptr)) names.push_back(sub->get_name());
    return names;
}

std::string about_word(const CLI::App& command, const std::string& word) {
    if (word.size() > 1 && word.front() == '-') {
        const std::string name = word.substr(0, word.find('='));
        return fmt::format("there is no option {}{}", name,
                           did_you_mean(name, option_names(command)));
    }
    const auto commands = command_names(command);
    if (commands.empty()) return fmt::format("\"{}\" is one word too many", word);
    return fmt::format("there is no command \"{}\"{}", word, did_you_mean(word, commands));
}

// A word that nobody took says more than what is missing because of it.
std::string what_is_wrong(const CLI::App& command, const CLI::ParseError& error) {
    const auto left = command.remaining();
    const bool about_values = error.get_name() == "ValidationError" ||
                              error.get_name() == "ConversionError" ||
                              error.get_name() == "ArgumentMismatch";
    if (left.empty() || about_values) return error.what();
    return about_word(command, left.front());
}

void append_help(const CLI::App& command, const std::string& before, std::string& text) {
    text += command.help(before);
    const std::string path =
        before.empty() ? command.get_name() : before + " " + command.get_name();
    for (const CLI::App* sub : command.get_subcommands(nullptr)) append_help(*sub, path, text);
}

// CLI11's own --help-all leaves out what is two levels down.
std::string all_help(const CLI::App& app) {
    const CLI::App& command = command_that_was_named(app);
    const CLI::App* parent = command.get_parent();
    std::string text;
    append_help(command, parent == nullptr ? "" : path_of(*parent), text);
    return text;
}

// Its numbers are not ours.
ExitCode end_of(const CLI::App& app, const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const bool success = app.exit(error, out, err) == 0;
    const bool all = error.get_name() == "CallForAllHelp";
    fmt::print("{}", all ? all_help(app) : out.str());
    fmt::print(stderr, "{}", err.str());
    return success ? ExitCode::done : ExitCode::usage;
}

std::string complaint(const CLI::App* app, const CLI::Error& error) {
    const CLI::App& command = command_that_was_named(*app);
    const std::string path = path_of(command);
    const auto* parse_error = dynamic_cast<const CLI::ParseError*>(&error);
    const std::string what =
        parse_error == nullptr ? error.what() : what_is_wrong(command, *parse_error);
    return fmt::format("{}: {}\n  {} --help says how it is written\n", path, what, path);
}

}  // namespace

void add_commands(CLI::App& app, ExitCode& exit) {
    app.require_subcommand(1);
    app.set_help_all_flag("--help-all", "Print the help of all commands and exit");
    app.set_version_flag("-V,--version", "raftkv " RAFTKV_VERSION, "Print the version and exit");
    app.failure_message(complaint);
    add_cluster_command(app, exit);
    add_client_command(app, exit);
    add_test_command(app, exit);
    bench::add_bench_command(app, exit);
    add_node_command(app, exit);
}

ExitCode run_program(int argc, char** argv) {
    take_over_standard_streams();
    end_at_ctrl_c();
    ::signal(SIGUSR1, SIG_IGN);  // some send it to have logs opened anew
    CLI::App app("A replicated key-value store: a Raft cluster, its supervisor and its client.",
                 "raftkv");
    ExitCode exit = ExitCode::done;
    add_commands(app, exit);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        exit = end_of(app, error);
    }
    return finish_output(exit);
}

}  // namespace raftkv::cli
