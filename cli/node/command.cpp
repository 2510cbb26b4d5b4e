#include "cli/node/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/node/look_commands.hpp"
#include "common/config.hpp"
#include "common/log.hpp"
#include "node/server/server.hpp"

namespace raftkv::cli {
namespace {

struct Arguments {
    std::uint32_t id = 0;
    std::string config = "config.json";
    std::string log_level = "info";
    bool allow_faults = false;
};

Result<void> run_node(const Arguments& arguments) {
    log::Level level{};
    if (!log::parse_level(arguments.log_level, level)) {
        return Error{ErrorKind::usage, "--log-level is \"" + arguments.log_level +
                                           "\"; it may be debug, info, warn, error or off"};
    }
    log::set_level(level);
    auto config = load_config(arguments.config);
    if (!config.ok()) return config.error();
    NodeId id(arguments.id);
    if (config->find(id) == nullptr) {
        std::vector<std::uint32_t> known;
        for (const ServerConfig& server : config->servers) known.push_back(server.id.value());
        return Error{ErrorKind::usage,
                     fmt::format("{} has no server with Id {}; it has {}", arguments.config,
                                 arguments.id, fmt::join(known, ", "))};
    }
    log::set_context(fmt::format("node {}:", arguments.id));
    auto server = server::Server::open(*config, id, {.allow_faults = arguments.allow_faults});
    if (!server.ok()) return server.error();
    return (*server)->run();
}

// Not through the log: an error that ends the program is said at every log level.
void report(const std::string& command, const Result<void>& result, ExitCode& exit) {
    if (result.ok()) return;
    fmt::print(stderr, "raftkv node {}: {}\n", command, result.error().message);
    exit = exit_code(result.error().kind);
}

void add_verify(CLI::App& node, ExitCode& exit) {
    struct VerifyArguments {
        std::string folder;
        bool json = false;
    };
    auto arguments = std::make_shared<VerifyArguments>();
    CLI::App* verify = node.add_subcommand(
        "verify", "Check the folder of a node that does not run, and print what is in it");
    verify->add_option("folder", arguments->folder, "the node's folder")->required();
    verify->add_flag("--json", arguments->json, "One JSON object");
    verify->footer(
        "Reads every byte of the log and of the snapshots, and changes none.\n"
        "Ends with 0 when a node can start from the folder, with 65 when it is damaged.");
    verify->callback([arguments, &exit] {
        report("verify", verify_folder(arguments->folder, arguments->json), exit);
    });
}

void add_inspect(CLI::App& node, ExitCode& exit) {
    auto arguments = std::make_shared<InspectArguments>();
    CLI::App* inspect =
        node.add_subcommand("inspect", "Print the log of a node that does not run, entry by entry");
    inspect->add_option("folder", arguments->folder, "the node's folder")->required();
    inspect->add_option("--from", arguments->from, "the first entry to print");
    inspect->add_option("--to", arguments->to, "the last one");
    inspect->add_flag("--json", arguments->json, "One JSON object a line, with whole values");
    inspect->footer(
        "Changes nothing. Of a damaged log it prints what can be read, and ends with 65.\n"
        "Entries that a snapshot replaced are gone.");
    inspect->callback([arguments, &exit] { report("inspect", inspect_folder(*arguments), exit); });
}

}  // namespace

void add_node_command(CLI::App& root, ExitCode& exit) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* node = root.add_subcommand(
        "node", "Run one node of the cluster in this terminal, or look at the folder of one");
    CLI::Option* id =
        node->add_option("id", arguments->id, "the Id of a server in the configuration");
    node->add_option("--config", arguments->config, "the cluster's configuration")
        ->capture_default_str();
    node->add_option("--log-level", arguments->log_level, "debug, info, warn, error or off")
        ->capture_default_str();
    node->add_flag("--allow-faults", arguments->allow_faults,
                   "Open a socket in the node's folder over which faults can be told; for tests");
    add_verify(*node, exit);
    add_inspect(*node, exit);
    node->callback([arguments, node, id, &exit] {
        if (!node->get_subcommands().empty()) return;
        if (id->empty()) throw CLI::RequiredError("id");
        report(std::to_string(arguments->id), run_node(*arguments), exit);
    });
}

}  // namespace raftkv::cli
