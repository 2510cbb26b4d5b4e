#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "cli/admin/known_members.hpp"
#include "cli/admin/node_answers.hpp"
#include "cli/client/interrupt.hpp"
#include "cli/cluster/dump/dump_stream.hpp"
#include "cli/cluster/dump/new_file.hpp"
#include "cli/cluster/dump/progress.hpp"
#include "cli/cluster/dump/source_node.hpp"
#include "cli/cluster/dump/subcommands.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/json_text.hpp"
#include "cli/command_line/numbers.hpp"
#include "cli/command_line/standard_output.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

using namespace raftkv::cli::dump;

constexpr const char* dump_footer =
    R"(All keys as of one moment, while the cluster goes on; what was answered before the command began is
in it. Read from a follower by default. A line for each key:
  {"key":"arun","value":"my name is arun","version":7,"exptime":60,"remaining":42}
"value_base64" instead of "value" when that is no UTF-8; "remaining" are the seconds that
a key with an end has left now. "raftkv cluster load" sets them again. FILE has its name only when it is complete and on the disk.

Exit codes: 0 all keys are written; 1 the node gave up, and why; 64 FILE is there already; 69 no leader,
or the node went away; 74 FILE can't be written; 130 interrupted.)";

struct DumpArguments {
    std::string config = default_config_file;
    std::string file = "-";
    std::optional<std::uint32_t> node;
    double timeout_s = 10;
    bool force = false;
    bool json = false;

    bool to_stdout() const { return file == "-"; }
};

struct Outcome {
    DumpSummary summary;
    NodeId node;
    double seconds = 0;
};

// What went wrong is said at the end of the program, as of every command.
Error output_failed() {
    return {ErrorKind::io, "the output cannot be written"};
}

Result<void> write_stdout(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    if (output_works()) return {};
    return output_failed();
}

Result<Outcome> dump_all(const DumpArguments& arguments, const ClusterConfig& config,
                         const client::Interrupt& interrupt, const DumpChecker::TakeLine& take) {
    const auto start = std::chrono::steady_clock::now();
    const std::chrono::milliseconds patience(static_cast<std::int64_t>(arguments.timeout_s * 1000));
    auto source = arguments.node ? find_source(config, NodeId(*arguments.node))
                                 : choose_source(config, patience, interrupt.fd());
    if (!source) return source.error();
    const NodeAnswer there = ask_node(*source, patience);
    if (!there.status) return Error{ErrorKind::unavailable, there.reason};
    Progress progress("dump", 0);
    DumpChecker checker([&](std::string_view line) -> Result<void> {
        constexpr std::uint64_t between_looks = 256;
        if (checker.items() % between_looks == 0 && interrupt.happened())
            return Error{ErrorKind::interrupted, "interrupted"};
        progress.set_total(checker.head().keys_at_most);
        progress.show(checker.items());
        return take(line);
    });
    auto summary = fetch_dump(*source, patience, checker);
    if (!summary) return summary.error();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    return Outcome{std::move(*summary), source->id, took.count()};
}

void tell(const DumpArguments& arguments, const Outcome& outcome) {
    const DumpSummary& summary = outcome.summary;
    if (arguments.json) {
        const nlohmann::ordered_json object = {
            {"file", arguments.file},           {"keys", summary.keys},
            {"node", outcome.node.value()},     {"applied", summary.applied},
            {"state_hash", summary.state_hash}, {"seconds", outcome.seconds}};
        fmt::print(arguments.to_stdout() ? stderr : stdout, "{}\n", json_text(object));
    } else if (!arguments.to_stdout()) {
        fmt::print("{} keys of node {}, as of log entry {}, are in {}, after {:.1f} s\n",
                   summary.keys, outcome.node.value(), summary.applied, arguments.file,
                   outcome.seconds);
    }
}

Result<void> run_dump(const DumpArguments& arguments) {
    auto config = load_cluster(arguments.config);
    if (!config) return config.error();
    const client::Interrupt interrupt;
    if (arguments.to_stdout()) {
        auto outcome = dump_all(arguments, *config, interrupt, write_stdout);
        if (!outcome) return outcome.error();
        std::fflush(stdout);
        if (!output_works()) return output_failed();
        tell(arguments, *outcome);
        return {};
    }
    auto file = NewFile::create(arguments.file, arguments.force);
    if (!file) return file.error();
    std::string block;
    auto outcome = dump_all(arguments, *config, interrupt, [&](std::string_view line) {
        constexpr std::size_t block_bytes = 1 << 20;
        block += line;
        if (block.size() < block_bytes) return Result<void>();
        auto written = file->write(block);
        block.clear();
        return written;
    });
    if (!outcome) return outcome.error();
    if (auto written = file->write(block); !written) return written;
    if (auto finished = file->finish(); !finished) return finished;
    tell(arguments, *outcome);
    return {};
}

}  // namespace

void add_dump_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<DumpArguments>();
    CLI::App* command = cluster.add_subcommand("dump", "Write all keys as lines of JSON");
    command->add_option("file", arguments->file, "FILE, or - for stdout")->capture_default_str();
    command->add_option("--node", arguments->node, "What this node has, whatever it missed")
        ->check(node_id());
    command->add_option("--timeout", arguments->timeout_s, "Seconds without a sign of life")
        ->check(decimal_number(0.1, 86400))
        ->capture_default_str();
    command->add_flag("--force", arguments->force, "Replace FILE");
    command->add_flag("--json", arguments->json,
                      "What was written, for programs; on stderr when FILE is -");
    add_config_option(*command, arguments->config);
    command->footer(dump_footer);
    command->callback([arguments, &exit] {
        const auto done = run_dump(*arguments);
        if (output_works()) report("dump", done, exit);
    });
}

}  // namespace raftkv::cli
