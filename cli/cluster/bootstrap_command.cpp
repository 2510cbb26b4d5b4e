#include <fmt/format.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "cli/admin/admin_client.hpp"
#include "cli/admin/members.hpp"
#include "cli/admin/order_reply.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/numbers.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* bootstrap_footer =
    R"(For config.json with "Bootstrap": "explicit", once, when all servers are started for the first time: makes
the cluster. A majority of the servers in config.json must answer, and all that answer must be empty. To
be given on any machine that reaches their admin ports; if it was interrupted, again.

Exit codes: 0 the cluster is there; 1 refused, and why; 69 too few servers answer, or it takes too long.)";

struct BootstrapArguments {
    std::string config = default_config_file;
    double timeout_s = 10;
};

// All that answer, at the same time.
std::vector<NodeStatus> ask(const ClusterConfig& config) {
    static constexpr milliseconds answers_within{1000};
    std::vector<std::future<Result<NodeStatus>>> answers;
    for (const ServerConfig& server : config.servers) {
        answers.push_back(std::async(std::launch::async, [&server] {
            return fetch_status(server.admin_host, server.admin_port, answers_within);
        }));
    }
    std::vector<NodeStatus> heard;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        auto status = answers[i].get();
        if (status && status->id == config.servers[i].id) heard.push_back(std::move(*status));
    }
    return heard;
}

Result<void> check_that_all_are_empty(const ClusterConfig& config,
                                      const std::vector<NodeStatus>& heard) {
    for (const NodeStatus& node : heard) {
        if (node.cluster == 0) continue;
        return Error{ErrorKind::failed,
                     fmt::format("node {} belongs to cluster {:016x} already. A server that was "
                                 "empty joins it by itself, or \"raftkv cluster status\" says why "
                                 "it waits",
                                 node.id.value(), node.cluster)};
    }
    const std::size_t needed = config.servers.size() / 2 + 1;
    if (heard.size() >= needed) return {};
    return Error{ErrorKind::unavailable,
                 fmt::format("{} of the {} servers in {} answer at their admin ports, and it takes "
                             "{}: start them, and see that AdminHost lets this machine in",
                             heard.size(), config.servers.size(), "config.json", needed)};
}

Result<void> tell_all(const ClusterConfig& config, const std::vector<NodeStatus>& heard) {
    constexpr milliseconds answers_within{2000};
    for (const NodeStatus& node : heard) {
        const ServerConfig& server = *config.find(node.id);
        auto reply = http_post(server.admin_host, server.admin_port, "/bootstrap", answers_within);
        if (!reply) return reply.error();
        if (reply->code == 200) continue;
        return Error{kind_of_refusal(reply->code),
                     fmt::format("node {}: {}", node.id.value(), reason_in(*reply))};
    }
    return {};
}

Result<void> bootstrap(const BootstrapArguments& arguments) {
    constexpr int pause_ms = 50;
    auto config = load_config(arguments.config);
    if (!config) return config.error();
    const auto heard = ask(*config);
    if (auto empty = check_that_all_are_empty(*config, heard); !empty) return empty;
    if (auto told = tell_all(*config, heard); !told) return told;
    const auto deadline =
        steady_clock::now() + milliseconds(static_cast<std::int64_t>(arguments.timeout_s * 1000));
    while (steady_clock::now() < deadline) {
        for (const NodeStatus& node : ask(*config)) {
            if (node.cluster == 0 || !node.leader) continue;
            fmt::print("bootstrapped cluster {:016x}; node {} leads\n", node.cluster,
                       node.leader->value());
            return {};
        }
        ::poll(nullptr, 0, pause_ms);
    }
    return Error{ErrorKind::unavailable,
                 fmt::format("the servers were told, and there is no cluster within {:.3g} s: "
                             "\"raftkv cluster status\" shows whether they reach each other",
                             arguments.timeout_s)};
}

}  // namespace

void add_bootstrap_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<BootstrapArguments>();
    CLI::App* command = cluster.add_subcommand(
        "bootstrap", "Make the cluster, where config.json says \"Bootstrap\": \"explicit\"");
    add_config_option(*command, arguments->config);
    command->add_option("--timeout", arguments->timeout_s, "Seconds that it waits for the cluster")
        ->check(decimal_number(0.1, 3600.0))
        ->capture_default_str();
    command->footer(bootstrap_footer);
    command->callback([arguments, &exit] { report("bootstrap", bootstrap(*arguments), exit); });
}

}  // namespace raftkv::cli
