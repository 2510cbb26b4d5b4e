#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <string_view>

#include "cli/admin/known_members.hpp"
#include "cli/admin/member_ids.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/control_client.hpp"
#include "cli/cluster/subcommands.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

constexpr std::chrono::seconds patience{30};

struct NodeArguments {
    std::string config = default_config_file;
    std::string target;
    bool force = false;
};

// `accepted` is what --help shows of the argument, as in "<id>|leader".
bool takes(std::string_view accepted, ControlTarget::Kind kind) {
    if (kind == ControlTarget::Kind::one) return true;
    const std::string_view word = kind == ControlTarget::Kind::leader ? "leader" : "all";
    return accepted.find(word) != std::string_view::npos;
}

Result<void> ask_supervisor(NodeCommand command, std::string_view accepted,
                            const NodeArguments& arguments) {
    auto config = load_config(arguments.config);
    if (!config) return config.error();
    auto target = parse_target(arguments.target);
    if (!target || !takes(accepted, target->kind)) {
        return Error{
            ErrorKind::usage,
            fmt::format("\"{}\" is no node that this can be done to; it takes {}, and the "
                        "members are {}",
                        arguments.target, accepted, ids_of(with_known_servers(*config).servers))};
    }
    const auto say = [](const std::string& line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    };
    // A script that stops one node after the other knows what it does, and is only warned.
    const bool force =
        arguments.force || (command == NodeCommand::stop && ::isatty(STDIN_FILENO) == 0);
    auto done = order(ClusterPaths{config->data_path}.socket(),
                      {ControlVerb::node, command, *target, force}, patience, say);
    if (!done) return done.error();
    say(*done);
    return {};
}

struct Description {
    NodeCommand command;
    const char* target;
    const char* help;
};

constexpr Description descriptions[] = {
    {NodeCommand::kill, "<id>|leader", "Kill a node with SIGKILL, as a crash would; it stays down"},
    {NodeCommand::stop, "<id>|leader",
     "Stop a node in good order; it stays down. What costs the quorum needs --force on a terminal, "
     "and is warned of elsewhere"},
    {NodeCommand::start, "<id>", "Start a node that is down"},
    {NodeCommand::restart, "<id>|leader|all",
     "Restart one node, or all one after the other, the leader last, and never without a quorum"},
    {NodeCommand::pause, "<id>|leader", "Freeze a node (SIGSTOP): it is there, and says nothing"},
    {NodeCommand::resume, "<id>", "Let a paused node go on"},
};

}  // namespace

void add_node_commands(CLI::App& cluster, ExitCode& exit) {
    for (const Description& description : descriptions) {
        auto arguments = std::make_shared<NodeArguments>();
        std::string name(name_of(description.command));
        CLI::App* command = cluster.add_subcommand(name, description.help);
        command->add_option("node", arguments->target, description.target)->required();
        add_config_option(*command, arguments->config);
        const bool checks_quorum =
            description.command == NodeCommand::restart || description.command == NodeCommand::stop;
        if (checks_quorum)
            command->add_flag("--force", arguments->force, "Even if the cluster loses its quorum");
        command->callback([arguments, name, &description, &exit] {
            report(name.c_str(),
                   ask_supervisor(description.command, description.target, *arguments), exit);
        });
    }
}

}  // namespace raftkv::cli
