#include <fmt/format.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/admin/known_members.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/json_text.hpp"
#include "cli/command_line/numbers.hpp"
#include "common/config.hpp"
#include "common/server_moves.hpp"

namespace raftkv::cli {

namespace {

using std::chrono::steady_clock;

constexpr const char* move_footer =
    R"(What is not given stays as it is. The leader takes it into the log; then the node is to be restarted
at its new address, which the supervisor of its machine does by itself. Its data stays where it is: to
another machine it has to be taken first, while the node does not run.

While no majority runs, nobody can take it into the log: then a file in "Path" notes it, nodes that are
started there go by it, and the first leader takes it into the log. Run the same command on every machine
of the cluster then, for every node that moves, and start the nodes.

Exit codes: 0 done; 1 refused, and why; 64 no such node, or nothing to change; 69 it does not come up.)";

struct MoveArguments {
    std::string config = default_config_file;
    std::uint32_t id = 0;
    std::string host;
    std::uint16_t client_port = 0;
    std::uint16_t log_port = 0;
    std::uint16_t admin_port = 0;
    std::string admin_host;
    bool no_wait = false;
    bool json = false;
    std::uint32_t timeout_s = 30;
};

ServerConfig place_after(const MoveArguments& arguments, const ServerConfig& before) {
    ServerConfig after = before;
    const int distance = before.admin_port - before.client_port;
    if (!arguments.host.empty()) after.host = arguments.host;
    if (arguments.client_port != 0) {
        after.client_port = arguments.client_port;
        const int beside = arguments.client_port + distance;
        if (beside > 0 && beside <= UINT16_MAX)
            after.admin_port = static_cast<std::uint16_t>(beside);
    }
    if (arguments.log_port != 0) after.log_port = arguments.log_port;
    if (arguments.admin_port != 0) after.admin_port = arguments.admin_port;
    if (!arguments.admin_host.empty()) after.admin_host = arguments.admin_host;
    return after;
}

std::string text_of(const ServerConfig& place) {
    return fmt::format("{}:{} (LogPort {}, AdminPort {} of {})", place.host, place.client_port,
                       place.log_port, place.admin_port, place.admin_host);
}

void tell(const MoveArguments& arguments, const ServerConfig& after, bool in_log,
          const std::string& text) {
    if (!arguments.json) return fmt::print("{}\n", text), void();
    const nlohmann::ordered_json object = {{"node", arguments.id},
                                           {"host", after.host},
                                           {"client_port", after.client_port},
                                           {"log_port", after.log_port},
                                           {"admin_host", after.admin_host},
                                           {"admin_port", after.admin_port},
                                           {"in_log", in_log}};
    fmt::print("{}\n", json_text(object));
}

// Until it is heard at its new address.
Result<void> wait_for(const MoveArguments& arguments, const ClusterConfig& config,
                      const ServerConfig& after) {
    constexpr int pace_ms = 100;
    const auto deadline = steady_clock::now() + std::chrono::seconds(arguments.timeout_s);
    ClusterConfig now = config;
    for (ServerConfig& server : now.servers)
        if (server.id == after.id) server = after;
    while (steady_clock::now() < deadline) {
        const auto own = fetch_members_of(after, std::chrono::milliseconds(500));
        const auto view = find_members(now);
        const MemberInfo* member = view ? view->find(after.id) : nullptr;
        const bool heard = member && (member->connected || view->leader == after.id);
        if (heard && is_same_place(member->where, after) && own) return {};
        ::poll(nullptr, 0, pace_ms);
    }
    return Error{
        ErrorKind::unavailable,
        fmt::format("the log has the new address of node {0}, and it does not answer there "
                    "within {1} s: restart it on its machine, with \"raftkv cluster "
                    "restart {0}\"",
                    arguments.id, arguments.timeout_s)};
}

Result<void> note(const MoveArguments& arguments, const ClusterConfig& config,
                  const ServerMove& move, const Error& why) {
    if (auto saved = save_move(config.data_path, move); !saved) return saved;
    tell(arguments, move.to, false,
         fmt::format(
             "{}\nSo it is noted in {}: from their next start on, nodes of this folder go by "
             "it, and the first leader takes it into the log.\nnode {} is at {} then; run "
             "the same on the other machines of the cluster, and start the nodes",
             why.message, move_file(config.data_path, move.to.id).string(), arguments.id,
             text_of(move.to)));
    return {};
}

// One that could not be asked from here, then.
bool knows_leader(const ClusterConfig& config) {
    const auto view = find_members(config);
    return view && view->leader;
}

// Where the log has it, whatever was noted since.
ServerConfig as_logged(const ClusterConfig& config, const ServerConfig& now) {
    for (const ServerMove& move : load_moves(config.data_path))
        if (move.to.id == now.id && is_same_place(move.to, now)) return move.from;
    return now;
}

Result<void> move(const MoveArguments& arguments) {
    auto config = load_cluster(arguments.config);
    if (!config) return config.error();
    const ServerConfig* before = config->find(NodeId(arguments.id));
    if (before == nullptr)
        return Error{ErrorKind::usage, fmt::format("the cluster has no node {}", arguments.id)};
    const ServerConfig after = place_after(arguments, *before);
    if (is_same_place(*before, after))
        return Error{ErrorKind::usage,
                     fmt::format("node {} is at {} already: give what changes, as in --client-port",
                                 arguments.id, text_of(after))};
    auto changed = change_members(*config, "move?" + address_in_order(after));
    if (!changed && changed.error().kind == ErrorKind::unavailable && !knows_leader(*config))
        return note(arguments, *config, {as_logged(*config, *before), after}, changed.error());
    if (!changed) return changed;
    std::error_code ignored;  // an older note must not undo this one day
    std::filesystem::remove(move_file(config->data_path, after.id), ignored);
    if (!arguments.no_wait)
        if (auto came = wait_for(arguments, *config, after); !came) return came;
    tell(arguments, after, true,
         fmt::format("node {} is at {}{}", arguments.id, text_of(after),
                     arguments.no_wait ? " as soon as it is restarted" : ""));
    return {};
}

}  // namespace

void add_move_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<MoveArguments>();
    CLI::App* command =
        cluster.add_subcommand("move", "Change the address of a member: its host or its ports");
    const auto port = whole_number(1, 65535);
    command->add_option("id", arguments->id, "The node")->required()->check(node_id());
    command->add_option("--host", arguments->host, "Its machine from now on");
    command->add_option("--client-port", arguments->client_port, "Where it serves clients")
        ->check(port);
    command->add_option("--log-port", arguments->log_port, "Where it listens to the other nodes")
        ->check(port);
    command
        ->add_option("--admin-port", arguments->admin_port,
                     "HTTP; default: as far from --client-port as before")
        ->check(port);
    command->add_option("--admin-host", arguments->admin_host, "Of the admin port");
    command->add_flag("--no-wait", arguments->no_wait, "Do not wait until it answers there");
    command->add_option("--timeout", arguments->timeout_s, "Seconds to wait at most")
        ->check(whole_number(1, 86400))
        ->capture_default_str();
    command->add_flag("--json", arguments->json, "For programs");
    add_config_option(*command, arguments->config);
    command->footer(move_footer);
    command->callback([arguments, &exit] { report("move", move(*arguments), exit); });
}

}  // namespace raftkv::cli
