#include "cli/client/command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>
#include <system_error>

#include "cli/client/escape.hpp"
#include "cli/client/front_end.hpp"
#include "cli/client/help.hpp"
#include "cli/client/target.hpp"
#include "cli/command_line/numbers.hpp"
#include "cli/command_line/suggestion.hpp"
#include "common/protocol/request.hpp"
#include "common/standard_descriptors.hpp"

namespace raftkv::cli {

namespace {

using namespace client;

constexpr double longest_timeout_s = 24 * 3600;

// The command line, as it was given.
struct Arguments {
    TargetOptions target;
    std::string raw;   // --raw <node>
    std::string file;  // --file; "-" is stdin
    double timeout_s = 10;
    std::uint32_t exptime_s = 0;
    bool hex = false;
    bool json = false;
    std::vector<std::string> words;    // the command
    std::vector<std::string> options;  // that there are, as they are written

    bool asks_for_help() const { return !words.empty() && words.front() == "help"; }
    bool reads_lines() const { return !file.empty() || words == std::vector<std::string>{"-"}; }
};

bool is_person() {
    return ::isatty(STDIN_FILENO) != 0 && ::isatty(STDOUT_FILENO) != 0;
}

bool is_interactive(const Arguments& arguments) {
    return arguments.words.empty() && !arguments.reads_lines() && is_person();
}

PrinterOptions printer_options(const Arguments& arguments) {
    PrinterOptions options;
    options.hex = arguments.hex;
    options.colors = wants_colors(STDOUT_FILENO);
    if (arguments.json) {
        options.style = Style::json;
    } else if (is_interactive(arguments)) {
        options.style = Style::shell;
    } else {
        const bool many = arguments.words.empty() || arguments.reads_lines();
        options.style = many ? Style::lines : Style::value;
    }
    return options;
}

Result<Target> target_of(const Arguments& arguments) {
    TargetOptions options = arguments.target;
    if (!arguments.raw.empty()) options.node = arguments.raw;
    return choose_target(options);
}

std::string greeting(const Target& target, const Arguments& arguments) {
    const std::size_t count = target.nodes.size();
    const std::string what =
        arguments.raw.empty()
            ? fmt::format("{} node{} of {}", count, count == 1 ? "" : "s", target.source)
            : fmt::format("The bytes to and from {}", target.endpoints()[*target.start_at].name());
    return fmt::format("{}. help lists the commands, TAB completes, Ctrl-D leaves.\n", what);
}

std::vector<std::string> node_names(const Target& target) {
    std::vector<std::string> names;
    for (const Endpoint& node : target.endpoints()) {
        names.push_back(node.id == unknown_node ? node.address() : std::to_string(node.id.value()));
    }
    return names;
}

ExitCode run_lines(FrontEnd& front, const Arguments& arguments) {
    if (arguments.file.empty() || arguments.file == "-") {
        ByteInput input(STDIN_FILENO, front.interrupt.fd());
        return run_script(front, input);
    }
    const Descriptor file(::open(arguments.file.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        return front.printer.error(
            {ErrorKind::usage, fmt::format("opening {}: {}", arguments.file,
                                           std::generic_category().message(errno))});
    }
    ByteInput input(file.get(), front.interrupt.fd());
    return run_script(front, input);
}

ExitCode run_on(const Target& target, const Arguments& arguments, const PrinterOptions& style,
                Printer& printer) {
    Interrupt interrupt;
    ExecutorOptions options;
    options.timeout =
        std::chrono::milliseconds(static_cast<std::int64_t>(arguments.timeout_s * 1e3));
    options.cancel_fd = interrupt.fd();
    const bool raw = !arguments.raw.empty();
    const auto executor = raw ? make_raw_executor(target, options, style.colors, printer)
                              : make_cluster_executor(target, options, printer);
    StatementOptions statements;
    statements.hex = arguments.hex;
    statements.exptime_s = arguments.exptime_s;
    statements.max_value_bytes = target.max_value_bytes;
    FrontEnd front{*executor, printer, interrupt, statements, raw};

    if (is_interactive(arguments)) {
        return run_shell(front, greeting(target, arguments), node_names(target), style.colors);
    }
    if (arguments.words.empty() || arguments.reads_lines()) return run_lines(front, arguments);
    return run_one_shot(front, arguments.words);
}

// What is wrong with the command line as a whole.
std::optional<Error> misuse(const Arguments& arguments) {
    if (arguments.words.empty()) return std::nullopt;
    const std::string& first = arguments.words.front();
    if (!arguments.file.empty()) {
        return Error{ErrorKind::usage, "there is --file and a command; give one"};
    }
    // An option that is not known ends up as the first word, because what follows the command is
    // left alone: a value may begin with a dash.
    if (first.size() > 1 && first.front() == '-') {
        const std::string name = first.substr(0, first.find('='));
        return Error{ErrorKind::usage,
                     fmt::format("there is no option {}{}; --help lists them", escaped_text(name),
                                 did_you_mean(name, arguments.options))};
    }
    return std::nullopt;
}

ExitCode run_client(const Arguments& arguments) {
    const PrinterOptions style = printer_options(arguments);
    const auto printer = make_printer(style);
    if (const auto error = misuse(arguments)) return printer->error(*error);
    if (stdout_was_closed()) {
        return printer->error({ErrorKind::io,
                               "stdout is closed, so nothing could be said of what "
                               "came of it; nothing was done. Open it, or send it "
                               "to /dev/null"});
    }
    if (arguments.asks_for_help()) {  // for which there need not be a cluster
        const std::string topic = arguments.words.size() > 1 ? arguments.words[1] : "";
        const auto text = help_text(topic, true);
        return text ? printer->text(*text) : printer->error(text.error());
    }
    const auto target = target_of(arguments);
    if (!target) return printer->error(target.error());
    return run_on(*target, arguments, style, *printer);
}

constexpr std::string_view footer =
    R"(Without a command: a shell on a terminal, else a command a line from stdin.
Options go before the command.

Commands:
  set <key> <value> [exptime]      create a key; prints its version
  set -x <key> [exptime]           the same, with the value from stdin
  get <key>                        print the value, and nothing else
  getm <key>                       print version, exptime and value
  cas <key> <version> <value> [exptime], cas -x <key> <version> [exptime]
                                   replace a value if its version is still that
  delete <key>                     remove a key
  status [node]                    show the nodes
  help [command]                   explain the commands
  -                                take commands from stdin, one a line

Exit codes: 0 done; 1 the cluster refused (no such key, wrong version); 2 a write
whose outcome is not known; 64 usage; 69 no leader answered in time, nothing was
done; 74 input or output failed; 130 interrupted.

Examples:
  raftkv client set arun "my name is arun" 60
  raftkv client get arun
  raftkv client set -x picture < picture.png
  raftkv client --raw 2 get arun
  printf 'set a 1\nget a\n' | raftkv client --json -)";

}  // namespace

void add_client_command(CLI::App& root, ExitCode& exit) {
    CLI::App* app = root.add_subcommand("client", "Talk to a cluster: a shell, or one command");
    auto arguments = std::make_shared<Arguments>();
    CLI::Option* config = app->add_option("--config", arguments->target.config,
                                          "The cluster's file (default: config.json)");
    app->add_option("--node", arguments->target.node,
                    "The node to ask first: its id, or host:port");
    app->add_option("--timeout", arguments->timeout_s,
                    "Seconds for each command, elections included (default: 10)")
        ->check(decimal_number(0.001, longest_timeout_s));
    app->add_option("--exptime", arguments->exptime_s,
                    "Seconds that a key lives when its command says nothing (default: 0, for ever)")
        ->check(whole_number(0, protocol::max_exptime_s));
    app->add_flag("--hex", arguments->hex, "Values are hex digits, typed and shown");
    app->add_flag("--json", arguments->json, "A JSON object a line, for programs");
    app->add_option("--raw", arguments->raw,
                    "Talk to this node only, and show the bytes that go and come");
    app->add_option("-f,--file", arguments->file, "Take commands from a file, one a line");
    for (const CLI::Option* option : app->get_options()) {
        for (const std::string& name : option->get_lnames()) {
            arguments->options.push_back("--" + name);
        }
    }
    app->prefix_command();
    app->footer(std::string(footer));
    app->callback([app, config, arguments, &exit] {
        arguments->target.config_given = config->count() > 0;
        arguments->words = app->remaining();
        exit = run_client(*arguments);
    });
}

}  // namespace raftkv::cli
