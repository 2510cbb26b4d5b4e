#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "cli/admin/known_members.hpp"
#include "cli/admin/leader.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/json_text.hpp"
#include "cli/fault/cluster_faults.hpp"
#include "cli/fault/node_faults.hpp"
#include "common/config.hpp"
#include "common/faults/fault_amount.hpp"

namespace raftkv::cli {

namespace {

constexpr const char* fault_footer = R"(WHAT may be
  cut 0-2 | cut "0>2"        nothing between two nodes, or nothing that one says
  isolate <id>|leader        one node and all others do not hear each other
  partition 0,1/2,3,4        nor do nodes of different groups
  bridge <id>                nor do two halves of the others, but all hear this one
  delay 80ms [<id>]          each message comes later: of all, or to and from one
  drop 5% [<id>]             some messages vanish
  disk-full <id>             no new space on its disk
  slow-disk <id> 50ms        each sync takes longer
  stall-disk <id>            no sync returns
  fail-disk <id>             the next sync fails; the node ends, as it must
  clock <id> +30s            its wall clock is wrong
  clock <id> -5%             its clocks are too slow, or too fast
  list                       what is in force
  heal                       nothing any more

An id may be "leader". Faults add up until heal; they end with the node's process, and after --for.)";

struct FaultArguments {
    std::string config = default_config_file;
    std::vector<std::string> what;
    std::string duration;
    bool json = false;
};

// What a node says of its faults, or why not.
struct Answer {
    NodeId node;
    Result<std::vector<FaultSpec>> faults;
};

void print_json(const std::vector<Answer>& answers) {
    nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
    for (const Answer& answer : answers) {
        nlohmann::ordered_json node = {{"id", answer.node.value()}};
        if (answer.faults) {
            node["faults"] = nlohmann::ordered_json::array();
            for (const FaultSpec& fault : *answer.faults) node["faults"].push_back(to_text(fault));
        } else {
            node["error"] = answer.faults.error().message;
        }
        nodes.push_back(std::move(node));
    }
    nlohmann::ordered_json object = {{"nodes", nodes}};
    fmt::print("{}\n", json_text(object));
}

void print_lines(const std::vector<Answer>& answers) {
    for (const Answer& answer : answers) {
        if (!answer.faults) {
            fmt::print("node {}: {}\n", answer.node.value(), answer.faults.error().message);
        } else if (answer.faults->empty()) {
            fmt::print("node {}: no faults\n", answer.node.value());
        } else {
            fmt::print("node {}: {}\n", answer.node.value(), summary_of(*answer.faults));
        }
    }
}

// Fails when no node could be asked; one that could not is part of the answer.
Result<void> list(const ClusterConfig& config, bool json) {
    std::vector<Answer> answers;
    std::optional<Error> error;
    bool any = false;
    for (const ServerConfig& server : config.servers) {
        answers.push_back({server.id, list_faults(config, server.id)});
        if (answers.back().faults) {
            any = true;
        } else {
            error = answers.back().faults.error();
        }
    }
    if (!any && error) return *error;
    json ? print_json(answers) : print_lines(answers);
    return {};
}

void print_plan(const FaultPlan& plan) {
    std::map<NodeId, std::vector<FaultSpec>> by_node;
    for (const NodeFault& each : plan) by_node[each.node].push_back(each.fault);
    for (const auto& [node, faults] : by_node)
        fmt::print("node {}: {}\n", node.value(), summary_of(faults));
    bool ends = plan.front().fault.lasts_ms.has_value();
    if (!ends) fmt::print("until \"raftkv cluster fault heal\"\n");
}

Result<void> make_fault(const ClusterConfig& config, const FaultArguments& arguments) {
    auto find_leader = [&config] { return current_leader(config); };
    auto plan = plan_faults(arguments.what, config, find_leader);
    if (!plan) return plan.error();
    if (!arguments.duration.empty()) {
        auto lasts = parse_fault_time(arguments.duration, false);
        if (!lasts) return Error{ErrorKind::usage, "--for: " + lasts.error().message};
        if (*lasts == 0) return Error{ErrorKind::usage, "--for: a fault lasts 1ms at least"};
        plan = limited_to(*plan, *lasts);
    }
    if (plan->empty())
        return Error{ErrorKind::usage, "there is nothing between nodes in a cluster of one"};
    auto in_force = apply_plan(config, *plan);
    if (!in_force) return in_force.error();
    print_plan(*in_force);
    return {};
}

Result<void> run(const FaultArguments& arguments) {
    auto config = load_cluster(arguments.config);
    if (!config) return config.error();
    const std::string& word = arguments.what.front();
    if (arguments.json && word != "list") return Error{ErrorKind::usage, "--json is for list"};
    if (word == "list" || word == "heal") {
        bool alone = arguments.what.size() == 1 && arguments.duration.empty();
        if (!alone) return Error{ErrorKind::usage, word + " takes nothing else"};
        if (word == "list") return list(*config, arguments.json);
        if (auto healed = heal(*config); !healed) return healed;
        fmt::print("all faults are lifted\n");
        return {};
    }
    return make_fault(*config, arguments);
}

}  // namespace

void add_fault_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<FaultArguments>();
    CLI::App* command = cluster.add_subcommand(
        "fault", "Make something go wrong in a cluster on this machine, to see what it does");
    command->add_option("what", arguments->what, "The fault, or list, or heal")->required();
    add_config_option(*command, arguments->config);
    command->add_option("--for", arguments->duration, "How long, like 500ms, 10s or 2m");
    command->add_flag("--json", arguments->json, "For programs: of list");
    command->footer(fault_footer);
    command->callback([arguments, &exit] { report("fault", run(*arguments), exit); });
}

}  // namespace raftkv::cli
