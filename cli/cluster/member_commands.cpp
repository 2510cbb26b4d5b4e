#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cli/admin/known_members.hpp"
#include "cli/admin/node_answers.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/control_client.hpp"
#include "cli/cluster/members_table.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/cluster/view_of_now.hpp"
#include "cli/command_line/json_text.hpp"
#include "cli/command_line/numbers.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr const char* member_footer =
    R"(Asks the nodes themselves, at their admin ports: config.json says where the first members are, and
they say who else is there. One change at a time; what would leave no majority is refused.

Exit codes: 0 done; 1 refused, and why; 64 no such node, or wrong arguments; 69 there is no leader.)";

struct MemberArguments {
    std::string config = default_config_file;
    std::uint32_t id = 0;
    std::uint32_t old = 0;
    std::string host;
    std::uint16_t client_port = 0;
    std::uint16_t log_port = 0;
    std::uint16_t admin_port = 0;
    std::string admin_host;
    bool learner = false;
    bool force = false;
    bool no_wait = false;
    bool json = false;
    std::uint32_t timeout_s = 600;
};

// How far something is, on stderr: on a terminal in one line that is replaced, and not at all
// elsewhere unless it changes.
class Progress {
  public:
    ~Progress() { clear(); }
    void show(const std::string& text) {
        if (text == shown_) return;
        shown_ = text;
        if (terminal_)
            fmt::print(stderr, "\r\x1b[K{}", text);
        else
            fmt::print(stderr, "{}\n", text);
        std::fflush(stderr);
    }
    void clear() {
        if (terminal_ && !shown_.empty()) fmt::print(stderr, "\r\x1b[K");
        shown_.clear();
    }

  private:
    const bool terminal_ = ::isatty(STDERR_FILENO) == 1;
    std::string shown_;
};

std::string describe(const MembersView& view, const MemberInfo& member) {
    const std::uint32_t id = member.where.id.value();
    if (!view.is_of_leader()) return fmt::format("node {}: there is no leader", id);
    if (!member.connected && member.refused)
        return fmt::format("node {} ({}): is refused: {}", id, name_of(member.kind),
                           *member.refused);
    if (!member.connected)
        return fmt::format(
            "node {} ({}): is not connected yet; start it with \"raftkv node {} "
            "--join\" if nobody else does",
            id, name_of(member.kind), id);
    return fmt::format("node {} ({}): {} entries behind", id, name_of(member.kind),
                       member.lag.value_or(0));
}

// Why the supervisor of this machine does not try to start it any more, or node `id` is not let in.
std::optional<Error> why_it_does_not_come(const ClusterConfig& config, const MemberInfo& member) {
    constexpr std::chrono::milliseconds answers_within{500};
    const std::uint32_t id = member.where.id.value();
    const auto fails = [&](const std::string& why) {
        return Error{
            ErrorKind::failed,
            fmt::format("node {0} is a member now, and cannot join: {1}. Put that right and "
                        "start it (\"raftkv cluster start {0}\"), or take it back "
                        "(\"raftkv cluster remove {0}\")",
                        id, why)};
    };
    const auto supervised = fetch_view(ClusterPaths{config.data_path}.socket(), answers_within);
    const NodeView* row = supervised ? find_node(*supervised, member.where.id) : nullptr;
    if (row != nullptr && row->state == NodeState::given_up) return fails(row->note);
    if (member.refused && !member.connected) return fails(*member.refused);
    return std::nullopt;
}

// Waits until the member is what it is to be; and until `gone`, if any, is none any more.
Result<void> wait_for_member(const ClusterConfig& config, const MemberArguments& arguments,
                             MemberKind wanted) {
    constexpr int pace_ms = 100;
    const NodeId id(arguments.id);
    const auto deadline = steady_clock::now() + seconds(arguments.timeout_s);
    Progress progress;
    std::string last = "nobody answers";
    bool seen = false;
    while (steady_clock::now() < deadline) {
        const auto view = find_members(config);
        if (view) {
            const MemberInfo* member = view->find(id);
            seen = seen || member != nullptr;
            if (member == nullptr && seen && view->is_of_leader() && view->committed)
                return Error{ErrorKind::failed,
                             fmt::format("node {} was removed meanwhile", id.value())};
            if (member != nullptr) {
                last = describe(*view, *member);
                progress.show(last);
                if (member->kind == wanted && view->committed &&
                    (member->connected || view->leader == id))
                    return {};
                if (auto why = why_it_does_not_come(config, *member)) return *why;
            }
        }
        ::poll(nullptr, 0, pace_ms);
    }
    return Error{ErrorKind::unavailable,
                 fmt::format("not within {} s ({}); the cluster goes on trying, \"raftkv cluster "
                             "members\" shows how far it is",
                             arguments.timeout_s, last)};
}

std::string add_query(const MemberArguments& arguments) {
    const std::string address = address_in_order({.id = NodeId(arguments.id),
                                                  .host = arguments.host,
                                                  .client_port = arguments.client_port,
                                                  .log_port = arguments.log_port,
                                                  .admin_port = arguments.admin_port,
                                                  .admin_host = arguments.admin_host});
    return arguments.learner ? address + "&learner=1" : address;
}

// What has become of it, in words and with --json.
struct Done {
    std::string text;
    nlohmann::ordered_json object;
};

Result<void> change(const MemberArguments& arguments, const std::string& order, bool waits,
                    const Done& done) {
    auto config = load_cluster(arguments.config);
    if (!config) return config.error();
    if (auto changed = change_members(*config, order); !changed) return changed;
    if (waits && !arguments.no_wait) {
        const MemberKind wanted = arguments.learner ? MemberKind::learner : MemberKind::voter;
        if (auto came = wait_for_member(*config, arguments, wanted); !came) return came;
    }
    fmt::print("{}\n", arguments.json ? json_text(done.object) : done.text);
    return {};
}

// What the new node is when the command is done.
std::string_view new_kind(const MemberArguments& arguments) {
    if (arguments.learner) return name_of(MemberKind::learner);
    return name_of(arguments.no_wait ? MemberKind::joining : MemberKind::voter);
}

Result<void> add(const MemberArguments& arguments) {
    const std::string what = arguments.no_wait   ? "is added, and joins once it is started"
                             : arguments.learner ? "is a learner"
                                                 : "votes";
    return change(arguments, "add?" + add_query(arguments), true,
                  {fmt::format("node {} {}", arguments.id, what),
                   {{"node", arguments.id}, {"kind", new_kind(arguments)}}});
}

Result<void> replace(const MemberArguments& arguments) {
    const std::string text = arguments.no_wait
                                 ? fmt::format("node {} joins, and takes the place of node {} then",
                                               arguments.id, arguments.old)
                                 : fmt::format("node {} votes, and takes the place of node {}",
                                               arguments.id, arguments.old);
    return change(
        arguments, fmt::format("replace?old={}&{}", arguments.old, add_query(arguments)), true,
        {text,
         {{"node", arguments.id}, {"kind", new_kind(arguments)}, {"replaces", arguments.old}}});
}

Result<void> remove(const MemberArguments& arguments) {
    return change(
        arguments, fmt::format("remove?id={}{}", arguments.id, arguments.force ? "&force=1" : ""),
        false,
        {fmt::format("node {} is no member any more", arguments.id), {{"removed", arguments.id}}});
}

Result<void> promote(const MemberArguments& arguments) {
    return change(arguments, fmt::format("promote?id={}", arguments.id), false,
                  {fmt::format("node {} votes", arguments.id),
                   {{"node", arguments.id}, {"kind", name_of(MemberKind::voter)}}});
}

Result<void> show(const MemberArguments& arguments) {
    auto config = load_cluster(arguments.config);
    if (!config) return config.error();
    auto view = find_members(*config);
    if (!view) return view.error();
    constexpr std::chrono::milliseconds answers_within{500};
    auto supervised = fetch_view(ClusterPaths{config->data_path}.socket(), answers_within);
    const ClusterView nodes = combine(supervised ? std::move(*supervised) : ClusterView{}, *view,
                                      ask_nodes(with_members(*config, *view), answers_within));
    fmt::print("{}",
               arguments.json ? members_with_states(*view, nodes) : members_table(*view, nodes));
    return {};
}

void add_address_options(CLI::App& command, MemberArguments& arguments) {
    const auto port = whole_number(1, 65535);
    command.add_option("--host", arguments.host, "The machine of the new node")->required();
    command.add_option("--client-port", arguments.client_port, "Where it serves clients")
        ->required()
        ->check(port);
    command.add_option("--log-port", arguments.log_port, "Where it listens to the other nodes")
        ->required()
        ->check(port);
    command.add_option("--admin-port", arguments.admin_port, "HTTP; default: ClientPort + 100")
        ->check(port);
    command.add_option("--admin-host", arguments.admin_host,
                       "Of the admin port; default localhost");
    command.add_flag("--no-wait", arguments.no_wait, "Do not wait until it has caught up");
    command.add_option("--timeout", arguments.timeout_s, "Seconds to wait at most")
        ->check(whole_number(1, 86400))
        ->capture_default_str();
}

struct Command {
    const char* name;
    const char* help;
    std::function<Result<void>(const MemberArguments&)> run;
    std::function<void(CLI::App&, MemberArguments&)> options;
};

void add_command(CLI::App& cluster, ExitCode& exit, const Command& description) {
    auto arguments = std::make_shared<MemberArguments>();
    CLI::App* command = cluster.add_subcommand(description.name, description.help);
    description.options(*command, *arguments);
    add_config_option(*command, arguments->config);
    command->add_flag("--json", arguments->json, "For programs");
    command->footer(member_footer);
    command->callback([arguments, description, &exit] {
        report(description.name, description.run(*arguments), exit);
    });
}

}  // namespace

void add_member_commands(CLI::App& cluster, ExitCode& exit) {
    const auto id = [](CLI::App& command, MemberArguments& arguments) {
        command.add_option("id", arguments.id, "The node")->required()->check(node_id());
    };
    add_command(cluster, exit,
                {"members", "Show who belongs to the cluster, as it knows itself", show,
                 [](CLI::App&, MemberArguments&) {}});
    add_command(cluster, exit,
                {"add", "Add a node: it catches up, then votes", add,
                 [id](CLI::App& command, MemberArguments& arguments) {
                     id(command, arguments);
                     add_address_options(command, arguments);
                     command.add_flag("--learner", arguments.learner,
                                      "It gets everything, and does not vote");
                 }});
    add_command(cluster, exit,
                {"remove", "Remove a node for good; it ends by itself", remove,
                 [id](CLI::App& command, MemberArguments& arguments) {
                     id(command, arguments);
                     command.add_flag("--force", arguments.force,
                                      "Even if no majority of the rest answers");
                 }});
    add_command(cluster, exit, {"promote", "Let a learner that has caught up vote", promote, id});
    add_command(cluster, exit,
                {"replace", "Add a node, and remove another once the new one votes", replace,
                 [](CLI::App& command, MemberArguments& arguments) {
                     command.add_option("old", arguments.old, "The node that goes")
                         ->required()
                         ->check(node_id());
                     command.add_option("new", arguments.id, "The node that comes")
                         ->required()
                         ->check(node_id());
                     add_address_options(command, arguments);
                 }});
}

}  // namespace raftkv::cli
