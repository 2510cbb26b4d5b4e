#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "cli/cluster/backup/recover_folder.hpp"
#include "cli/cluster/backup/subcommands.hpp"
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

Exit codes: 0 done; 1 not confirmed, or something runs; 64 --force is missing, or no such folder;
65 the folder is damaged; 74 the new one can't be written.)";

struct RecoverArguments {
    std::string config = default_config_file;
    std::uint32_t from = 0;
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
    fmt::print(
        "node {} is the only member of the new cluster {}; its old folder is {}.\n"
        "Start it: raftkv cluster up (it alone), or raftkv node {}\n"
        "Then, for each of the others: move its old folder away, add it with \"raftkv cluster add "
        "--no-wait\",\n"
        "and, where no supervisor does that, start it with \"raftkv node <id> --join "
        "HOST:ADMINPORT\", which names a member.\n",
        survivor.id.value(), cluster, recovery.before.string(), survivor.id.value());
}

Result<void> run_recover(const RecoverArguments& arguments) {
    if (!arguments.force) {
        return Error{ErrorKind::usage,
                     "this may lose writes that were answered: --force says that you know; see "
                     "--help"};
    }
    auto config = load_config(arguments.config);
    if (!config) return config.error();
    auto lock = lock_cluster(ClusterPaths{config->data_path});
    if (!lock) return lock.error();
    auto survivor = backup::read_survivor(*config, NodeId(arguments.from));
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
    command->add_option("--from", arguments->from, "The node that is left")
        ->required()
        ->check(node_id());
    command->add_flag("--force", arguments->force, "That writes may be lost is understood");
    command->add_flag("--yes", arguments->yes, "Don't ask");
    command->add_flag("--json", arguments->json, "For programs");
    add_config_option(*command, arguments->config);
    command->footer(recover_footer);
    command->callback([arguments, &exit] { report("recover", run_recover(*arguments), exit); });
}

}  // namespace raftkv::cli
