#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "cli/admin/known_members.hpp"
#include "cli/client/interrupt.hpp"
#include "cli/cluster/backup/fetch_backup.hpp"
#include "cli/cluster/backup/subcommands.hpp"
#include "cli/cluster/dump/source_node.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/json_text.hpp"
#include "cli/command_line/numbers.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

constexpr const char* backup_footer =
    R"(All of the data as of one moment, while the cluster goes on; what was answered before the command
began is in it. From a follower by default: it takes a snapshot, and FILE is that snapshot's file.
With --from, from that node, with what it has: also when there is no leader. Every checksum is
verified, and FILE has its name only when it is complete and on the disk.
"raftkv cluster restore" makes a cluster of it; "raftkv node verify FILE" looks at it.
For one machine: curl -X POST localhost:9100/snapshot, then curl -o FILE localhost:9100/snapshot

Exit codes: 0 FILE is there; 1 the node refused, and why; 64 FILE is there already; 65 what came is
damaged; 69 no leader, or the node went away; 74 FILE can't be written; 130 interrupted.)";

struct BackupArguments {
    std::string config = default_config_file;
    std::string file;
    std::optional<std::uint32_t> from;
    double timeout_s = 10;
    bool force = false;
    bool json = false;
};

Result<void> run_backup(const BackupArguments& arguments) {
    auto config = load_cluster(arguments.config);
    if (!config) return config.error();
    const client::Interrupt interrupt;
    auto file = dump::NewFile::create(arguments.file, arguments.force);
    if (!file) return file.error();
    const std::chrono::milliseconds patience(static_cast<std::int64_t>(arguments.timeout_s * 1000));
    auto source = arguments.from ? dump::find_source(*config, NodeId(*arguments.from))
                                 : dump::choose_source(*config, patience, interrupt.fd());
    if (!source) return source.error();
    auto fetched = backup::fetch_backup({*source, patience, [&] { return interrupt.happened(); }},
                                        *file, file->part());
    if (!fetched) return fetched.error();
    if (auto finished = file->finish(); !finished) return finished;
    const storage::SnapshotMeta& meta = fetched->meta;
    if (arguments.json) {
        const nlohmann::ordered_json object = {{"file", arguments.file},
                                               {"node", source->id.value()},
                                               {"cluster", fmt::format("{:016x}", meta.cluster_id)},
                                               {"index", meta.id.index.value()},
                                               {"term", meta.id.term.value()},
                                               {"bytes", fetched->bytes}};
        fmt::print("{}\n", json_text(object));
    } else {
        fmt::print("{} is the state of node {} after log entry {}: {} bytes, verified\n",
                   arguments.file, source->id.value(), meta.id.index.value(), fetched->bytes);
    }
    return {};
}

}  // namespace

void add_backup_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<BackupArguments>();
    CLI::App* command = cluster.add_subcommand("backup", "Write all data into a file");
    command->add_option("file", arguments->file, "FILE")->required();
    command->add_option("--from", arguments->from, "What this node has, whatever it missed")
        ->check(node_id());
    command->add_option("--timeout", arguments->timeout_s, "Seconds without a sign of life")
        ->check(decimal_number(0.1, 86400))
        ->capture_default_str();
    command->add_flag("--force", arguments->force, "Replace FILE");
    command->add_flag("--json", arguments->json, "For programs");
    add_config_option(*command, arguments->config);
    command->footer(backup_footer);
    command->callback([arguments, &exit] { report("backup", run_backup(*arguments), exit); });
}

}  // namespace raftkv::cli
