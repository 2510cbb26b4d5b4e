#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "cli/cluster/backup/make_room.hpp"
#include "cli/cluster/backup/recover_folder.hpp"
#include "cli/cluster/backup/subcommands.hpp"
#include "cli/cluster/port_check.hpp"
#include "cli/cluster/preflight.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/json_text.hpp"
#include "cli/command_line/numbers.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

constexpr const char* recover_footer =
    R"(The last resort, when a majority of the nodes is lost for good. Makes of what node <id> has a cluster
of that node alone, with a new id, so that none of the others can come back by mistake. All nodes
must be stopped, and the folder of that node must be on this machine; it is kept under another name.
What other nodes had beyond it is lost. So take the one that is furthest: "raftkv node verify FOLDER"
tells of each folder the term of the last entry, and the last entry; the higher term counts, then the
higher entry.
It says what to do then, with all ids and addresses: the others begin with empty folders. For that,
"recover --force --cluster-id ID" on each of their machines moves aside what is in Path of any other
cluster (folders of nodes, members.json), deletes nothing, and notes that cluster ID is the one whose
nodes run there. The supervisor there must be stopped meanwhile. It can be given again.

Exit codes: 0 done; 1 not confirmed, or something runs; 64 --force is missing, or no such folder;
65 the folder is damaged; 74 the new one can't be written.)";

struct RecoverArguments {
    std::string config = default_config_file;
    std::optional<std::uint32_t> from;
    std::string cluster_id;
    bool force = false;
    bool yes = false;
    bool json = false;
};

void warn(const backup::Survivor& survivor) {
    const std::uint64_t uncertain = survivor.end.index.value() - survivor.commit.value();
    fmt::print(
        stderr,
        "node {} has {} keys, and a log up to entry {} of term {}; it has heard of term {}.\n"
        "- Entries up to {} are known to be committed. The {} after that count as committed "
        "from now on: writes\n"
        "  among them may have been answered, or not, or refused.\n"
        "- Whatever other nodes have beyond entry {} is lost, even if it was answered. "
        "Nothing here can tell\n"
        "  whether there is such a thing: look at the folders of the others, if there are "
        "any.\n"
        "- All other nodes lose their membership, and their folders are refused from now "
        "on.\n",
        survivor.id.value(), survivor.store.size(), survivor.end.index.value(),
        survivor.end.term.value(), survivor.term.value(), survivor.commit.value(), uncertain,
        survivor.end.index.value());
}

Result<void> confirm(const RecoverArguments& arguments) {
    if (arguments.yes) return {};
    if (::isatty(STDIN_FILENO) == 0)
        return Error{ErrorKind::usage, "nobody can be asked here: --yes says yes"};
    fmt::print(stderr, "Go on? Type yes: ");
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "yes") return {};
    return Error{ErrorKind::failed, "not confirmed; nothing was changed"};
}

std::string add_line(const ServerConfig& server) {
    return fmt::format(
        "     raftkv cluster add {} --no-wait --host {} --client-port {} --log-port {} "
        "--admin-port "
        "{} --admin-host {}\n",
        server.id.value(), server.host, server.client_port, server.log_port, server.admin_port,
        server.admin_host);
}

// What has to be done, word for word, until all nodes are there again.
std::string recipe(const backup::Survivor& survivor, std::uint64_t cluster) {
    std::string here, hosts, added;
    for (const ServerConfig& other : survivor.others) {
        added += add_line(other);
        std::string& where = is_this_machine(other.host) ? here : hosts;
        const std::string name = fmt::format("{} (node {})", other.host, other.id.value());
        where += (where.empty() ? "" : ", ") + name;
    }
    const std::string join =
        fmt::format("raftkv cluster recover --force --cluster-id {:016x}\n", cluster);
    std::string text = "Here:\n";
    if (!here.empty()) text += "     " + join;
    text += "     raftkv cluster up --detach --wait\n";
    text += fmt::format("   which starts node {} alone (without a supervisor: raftkv node {}).\n",
                        survivor.id.value(), survivor.id.value());
    if (!hosts.empty()) {
        text += fmt::format(
            "Where the others are to run, {}, with the same config.json, whether the old cluster "
            "runs there or not:\n     raftkv cluster down\n     {}     raftkv cluster up "
            "--detach\n"
            "   The second moves what is in Path there of the old cluster to before-recovery-...: "
            "folders of nodes and\n   members.json; and it writes this cluster's id into "
            "\"bootstrapped\" there. As long as that was not done, the old\n   nodes there are "
            "refused here, and a majority of them goes on as the old cluster.\n",
            hosts, join);
    }
    if (added.empty()) return text;
    return text + "Here, before or after that:\n" + added +
           "   \"raftkv cluster members\" shows when they vote.\n";
}

void tell(const RecoverArguments& arguments, const backup::Survivor& survivor,
          const backup::Recovery& recovery) {
    const std::string cluster = fmt::format("{:016x}", recovery.cluster_id);
    if (arguments.json) {
        const nlohmann::ordered_json object = {
            {"node", survivor.id.value()},         {"cluster", cluster},
            {"index", survivor.end.index.value()}, {"term", survivor.end.term.value()},
            {"commit", survivor.commit.value()},   {"kept", recovery.before.string()}};
        fmt::print("{}\n", json_text(object));
        return;
    }
    fmt::print("node {} is the only member of the new cluster {}; its old folder is {}.\n{}",
               survivor.id.value(), cluster, recovery.before.string(),
               recipe(survivor, recovery.cluster_id));
}

void tell(const RecoverArguments& arguments, const backup::RoomMade& room) {
    const std::string before = room.before ? room.before->string() : "";
    if (arguments.json) {
        nlohmann::ordered_json object = {{"cluster", arguments.cluster_id}, {"moved", room.moved}};
        if (room.before) object["kept"] = before;
        fmt::print("{}\n", json_text(object));
        return;
    }
    if (room.before)
        fmt::print("what was here of another cluster is in {}: {}\n", before,
                   fmt::join(room.moved, ", "));
    fmt::print(
        "nodes that start here are of cluster {}, once they are added there: raftkv cluster up\n",
        arguments.cluster_id);
}

Result<void> run_make_room(const RecoverArguments& arguments, const ClusterConfig& config) {
    const auto cluster = backup::parse_cluster_id(arguments.cluster_id);
    if (!cluster)
        return Error{ErrorKind::usage,
                     "--cluster-id takes the 16 hex digits that \"recover --from\" has said"};
    auto room = backup::make_room(config, *cluster);
    if (!room) return room.error();
    tell(arguments, *room);
    return {};
}

Result<void> run_recover(const RecoverArguments& arguments) {
    if (arguments.from.has_value() != arguments.cluster_id.empty())
        return Error{ErrorKind::usage,
                     "takes either --from, the node that is left, or --cluster-id, where others "
                     "are to join it; see --help"};
    if (!arguments.force) {
        return Error{ErrorKind::usage,
                     "this may lose writes that were answered: --force says that you know; see "
                     "--help"};
    }
    auto config = load_config(arguments.config);
    if (!config) return config.error();
    auto lock = lock_cluster(ClusterPaths{config->data_path});
    if (!lock) return lock.error();
    if (!arguments.from) return run_make_room(arguments, *config);
    auto survivor = backup::read_survivor(*config, NodeId(*arguments.from));
    if (!survivor) return survivor.error();
    warn(*survivor);
    if (auto confirmed = confirm(arguments); !confirmed) return confirmed;
    auto recovery = backup::recover_folder(*config, *survivor);
    if (!recovery) return recovery.error();
    tell(arguments, *survivor, *recovery);
    return {};
}

}  // namespace

void add_recover_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<RecoverArguments>();
    CLI::App* command =
        cluster.add_subcommand("recover", "Go on with one node when a majority is lost");
    command->add_option("--from", arguments->from, "The node that is left")->check(node_id());
    command->add_option("--cluster-id", arguments->cluster_id,
                        "Elsewhere, afterwards: the new cluster, which nodes here are to join");
    command->add_flag("--force", arguments->force, "That writes may be lost is understood");
    command->add_flag("--yes", arguments->yes, "Don't ask");
    command->add_flag("--json", arguments->json, "For programs");
    add_config_option(*command, arguments->config);
    command->footer(recover_footer);
    command->callback([arguments, &exit] { report("recover", run_recover(*arguments), exit); });
}

}  // namespace raftkv::cli
