#include "cli/node/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/admin/members.hpp"
#include "cli/admin/node_answers.hpp"
#include "cli/command_line/numbers.hpp"
#include "cli/node/look_commands.hpp"
#include "common/cluster_record.hpp"
#include "common/config.hpp"
#include "common/log.hpp"
#include "common/log_control.hpp"
#include "node/server/server.hpp"

namespace raftkv::cli {
namespace {

struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
};

struct Arguments {
    std::uint32_t id = 0;
    std::string config = "config.json";
    std::string log_level = "info";
    bool allow_faults = false;
    std::vector<std::string> join;
};

// Where a member's admin port is: "host:port", "[v6]:port".
Result<Endpoint> parse_endpoint(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const std::size_t from = colon == std::string::npos ? text.size() : colon + 1;
    Endpoint endpoint;
    endpoint.host = text.substr(0, std::min(colon, text.size()));
    const bool brackets =
        endpoint.host.size() > 2 && endpoint.host.front() == '[' && endpoint.host.back() == ']';
    if (brackets) endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    // An IPv6 address without brackets: nobody knows where its port begins.
    const bool ambiguous = !brackets && endpoint.host.find(':') != std::string::npos;
    const auto [end, error] =
        std::from_chars(text.data() + from, text.data() + text.size(), endpoint.port);
    const bool number = error == std::errc() && end == text.data() + text.size();
    if (endpoint.host.empty() || ambiguous || !number || endpoint.port == 0)
        return Error{ErrorKind::usage,
                     fmt::format("--join {}: this is no host:port of a member's admin port, as in "
                                 "localhost:9100 or [::1]:9100",
                                 text)};
    return endpoint;
}

raft::MembershipAt members_of(const MembersView& view) {
    raft::MembershipAt at{view.index, {}};
    for (const MemberInfo& info : view.members) {
        raft::Member member{.id = info.where.id};
        if (info.kind == MemberKind::learner) member.kind = raft::Member::Kind::learner;
        if (info.kind == MemberKind::joining) member.kind = raft::Member::Kind::joining;
        const std::string digits = info.folder.value_or("");
        std::from_chars(digits.data(), digits.data() + digits.size(), member.folder, 16);
        if (!info.where.host.empty())
            member.address = {info.where.host, info.where.client_port, info.where.log_port,
                              info.where.admin_port, info.where.admin_host};
        at.members.members.push_back(std::move(member));
    }
    return at;
}

// What the cluster that this member belongs to says of the node. The leader's word counts, or that
// of whoever knows the members best while there is none: those that are asked may lag behind.
Result<server::JoinAdvice> ask_once(const std::vector<ServerConfig>& members, NodeId id,
                                    std::uint64_t cluster) {
    const auto failed = [&](ErrorKind kind, const std::string& why) {
        return Error{kind, "--join: " + why};
    };
    auto view = find_members(members, cluster);
    if (!view.ok()) return failed(view.error().kind, view.error().message);
    if (view->cluster_id == 0)
        return failed(ErrorKind::unavailable, "the node there belongs to no cluster yet");
    const MemberInfo* self = view->find(id);
    if (self != nullptr && !self->where.host.empty()) {
        const auto own = self->in_log ? std::optional(self->where) : std::nullopt;
        return server::JoinAdvice{view->cluster_id, own, members_of(*view)};
    }
    if (!view->is_of_leader())
        return failed(
            ErrorKind::unavailable,
            fmt::format("there is no leader that could say whether node {} was added", id.value()));
    return failed(ErrorKind::usage,
                  fmt::format("the cluster there has no member {}: add it first, with \"raftkv "
                              "cluster add {}\"",
                              id.value(), id.value()));
}

Result<std::vector<ServerConfig>> whom_to_ask(const std::vector<std::string>& texts) {
    std::vector<ServerConfig> members;
    for (const std::string& text : texts) {
        auto endpoint = parse_endpoint(text);
        if (!endpoint.ok()) return endpoint.error();
        ServerConfig where;
        where.id = any_node;
        where.host = where.admin_host = endpoint->host;
        where.admin_port = endpoint->port;
        members.push_back(std::move(where));
    }
    return members;
}

// Only what is said of this cluster counts; 0: of any.
Result<server::JoinAdvice> ask_to_join(const std::vector<ServerConfig>& members, NodeId id,
                                       std::uint64_t cluster, std::chrono::milliseconds patience) {
    constexpr int pause_ms = 50;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto advice = ask_once(members, id, cluster);
        const bool may_change = !advice.ok() && advice.error().kind == ErrorKind::unavailable;
        if (!may_change || std::chrono::steady_clock::now() >= deadline) return advice;
        ::poll(nullptr, 0, pause_ms);
    }
}

// A node that has been let in needs nobody to ask, and there may be nobody who answers.
bool has_folder(const ClusterConfig& config, NodeId id) {
    std::error_code ignored;
    return std::filesystem::exists(config.node_path(id) / "identity", ignored);
}

Result<server::ServerOptions> server_options(const Arguments& arguments,
                                             const ClusterConfig& config) {
    server::ServerOptions options{.allow_faults = arguments.allow_faults};
    const NodeId id(arguments.id);
    if (arguments.join.empty()) {
        if (config.find(id) != nullptr || has_folder(config, id)) return options;
        std::vector<std::uint32_t> known;
        for (const ServerConfig& server : config.servers) known.push_back(server.id.value());
        return Error{ErrorKind::usage,
                     fmt::format("{} has no server with Id {}; it has {}. A node that was added "
                                 "with \"raftkv cluster add\" is started with --join and the host "
                                 "and admin port of any member",
                                 arguments.config, arguments.id, fmt::join(known, ", "))};
    }
    constexpr std::chrono::seconds to_be_let_in{5};
    auto members = whom_to_ask(arguments.join);
    if (!members) return members.error();
    const bool known = has_folder(config, id);
    // It may join one only after it has begun.
    const auto ask = [members = std::move(*members), id,
                      folder = config.node_path(id)](std::chrono::milliseconds patience) {
        return ask_to_join(members, id, cluster_of_folder(folder), patience);
    };
    auto advice = ask(known ? std::chrono::seconds(0) : to_be_let_in);
    if (!advice.ok() && !known) return advice.error();
    if (!advice.ok())
        log::info(
            "does not know yet who the members are now, and asks again while there is no "
            "leader: " +
            advice.error().message);
    options.join = std::move(advice);
    options.ask_again = [ask] { return ask(std::chrono::seconds(0)); };
    return options;
}

Result<void> run_node(const Arguments& arguments) {
    log::Level level{};
    if (!log::parse_level(arguments.log_level, level)) {
        return Error{ErrorKind::usage, "--log-level is \"" + arguments.log_level +
                                           "\"; it may be debug, info, warn, error or off"};
    }
    // Until the server takes it: it opens the log anew, and must not end a node that begins.
    if (::isatty(STDERR_FILENO) == 0) std::signal(SIGHUP, SIG_IGN);
    log::set_level(level);
    auto config = load_config(arguments.config);
    if (!config.ok()) return config.error();
    log::set_context(fmt::format("node {}:", arguments.id));
    auto options = server_options(arguments, *config);
    if (!options.ok()) return options.error();
    auto server = server::Server::open(*config, NodeId(arguments.id), *options);
    if (!server.ok()) return server.error();
    return (*server)->run();
}

// Not through the log: an error that ends the program is said at every log level.
void report(const std::string& command, const Result<void>& result, ExitCode& exit) {
    if (result.ok()) return;
    log::flush();
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
        "verify",
        "Check a backup, or the folder of a node that does not run, and print what is in it");
    verify->add_option("folder", arguments->folder, "the node's folder, or the file of a backup")
        ->required();
    verify->add_flag("--json", arguments->json, "One JSON object");
    verify->footer(
        "Reads every byte of the log and of the snapshots, and changes none.\n"
        "Ends with 0 when a node can start from the folder, with 65 when it is damaged.");
    verify->callback([arguments, &exit] {
        std::error_code ignored;
        const bool is_file = std::filesystem::is_regular_file(arguments->folder, ignored);
        report("verify",
               is_file ? verify_snapshot_file(arguments->folder, arguments->json)
                       : verify_folder(arguments->folder, arguments->json),
               exit);
    });
}

void add_inspect(CLI::App& node, ExitCode& exit) {
    auto arguments = std::make_shared<InspectArguments>();
    CLI::App* inspect =
        node.add_subcommand("inspect", "Print the log of a node that does not run, entry by entry");
    inspect->add_option("folder", arguments->folder, "the node's folder")->required();
    inspect->add_option("--from", arguments->from, "the first entry to print")
        ->check(whole_number(0));
    inspect->add_option("--to", arguments->to, "the last one")->check(whole_number(0));
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
        node->add_option("id", arguments->id, "the Id of a server in the configuration")
            ->check(node_id());
    node->add_option("--config", arguments->config, "the cluster's configuration")
        ->capture_default_str();
    node->add_option("--log-level", arguments->log_level, "debug, info, warn, error or off")
        ->capture_default_str();
    node->add_flag("--allow-faults", arguments->allow_faults,
                   "Open a socket in the node's folder over which faults can be told; for tests");
    node->add_option("--join", arguments->join,
                     "For a node that was added, or was away while others were: the host:port of "
                     "any members' admin ports")
        ->delimiter(',')
        ->allow_extra_args(false);
    add_verify(*node, exit);
    add_inspect(*node, exit);
    node->callback([arguments, node, id, &exit] {
        if (!node->get_subcommands().empty()) return;
        if (id->empty()) throw CLI::RequiredError("id");
        report(std::to_string(arguments->id), run_node(*arguments), exit);
    });
}

}  // namespace raftkv::cli
