#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/admin/known_members.hpp"
#include "cli/admin/transfer.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/json_text.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

constexpr const char* transfer_footer =
    R"(Clients notice a few milliseconds in which writes wait; nothing is lost or refused. Asks the nodes
themselves, at their admin ports, so no supervisor is needed. Without it, ask the node that leads:
  curl -X POST 'http://localhost:9100/transfer?to=2'

Exit codes: 0 the new leader leads; 1 refused, or given up (the old leader goes on); 64 no such node;
69 there is no leader.)";

struct TransferArguments {
    std::string config = default_config_file;
    std::string target;
    bool json = false;
};

Result<std::optional<NodeId>> parse_node(const std::string& text) {
    if (text.empty()) return std::optional<NodeId>();
    std::uint32_t id = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error == std::errc() && end == text.data() + text.size())
        return std::optional<NodeId>(NodeId(id));
    return Error{ErrorKind::usage, fmt::format("\"{}\" names no node: give its id", text)};
}

Result<void> transfer(const TransferArguments& arguments) {
    auto to = parse_node(arguments.target);
    if (!to) return to.error();
    auto config = load_cluster(arguments.config);
    if (!config) return config.error();
    auto report = transfer_leadership(*config, *to);
    if (!report) return report.error();
    if (arguments.json) {
        const nlohmann::ordered_json object = {{"from", report->from.value()},
                                               {"to", report->to.value()},
                                               {"term", report->term.value()},
                                               {"ms", report->took_ms}};
        fmt::print("{}\n", json_text(object));
    } else {
        fmt::print("node {} handed over to node {}, which leads in term {}, after {} ms\n",
                   report->from.value(), report->to.value(), report->term.value(), report->took_ms);
    }
    return {};
}

}  // namespace

void add_transfer_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<TransferArguments>();
    CLI::App* command = cluster.add_subcommand(
        "transfer", "Hand leadership to a node, or to the follower that is furthest");
    command->add_option("node", arguments->target, "<id>");
    add_config_option(*command, arguments->config);
    command->add_flag("--json", arguments->json, "For programs");
    command->footer(transfer_footer);
    command->callback([arguments, &exit] { report("transfer", transfer(*arguments), exit); });
}

}  // namespace raftkv::cli
