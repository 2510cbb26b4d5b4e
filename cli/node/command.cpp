#include "cli/node/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

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

}  // namespace

void add_node_command(CLI::App& root, ExitCode& exit) {
    auto arguments = std::make_shared<Arguments>();
    CLI::App* node = root.add_subcommand("node", "Run one node of the cluster in this terminal");
    node->add_option("id", arguments->id, "the Id of a server in the configuration")->required();
    node->add_option("--config", arguments->config, "the cluster's configuration")
        ->capture_default_str();
    node->add_option("--log-level", arguments->log_level, "debug, info, warn, error or off")
        ->capture_default_str();
    node->add_flag("--allow-faults", arguments->allow_faults,
                   "Open a socket in the node's folder over which faults can be told; for tests");
    node->callback([arguments, &exit] {
        Result<void> result = run_node(*arguments);
        if (result.ok()) return;
        // Not through the log: an error that ends the program is said at every log level.
        fmt::print(stderr, "raftkv node {}: {}\n", arguments->id, result.error().message);
        exit = exit_code(result.error().kind);
    });
}

}  // namespace raftkv::cli
