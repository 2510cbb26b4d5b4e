#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/admin/known_members.hpp"
#include "cli/client/interrupt.hpp"
#include "cli/cluster/dump/load_all.hpp"
#include "cli/cluster/dump/subcommands.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/json_text.hpp"
#include "cli/command_line/numbers.hpp"
#include "common/config.hpp"

namespace raftkv::cli {

namespace {

using namespace raftkv::cli::dump;

constexpr const char* load_footer =
    R"(Through the client protocol, as any client sets keys: a line for each, as "raftkv cluster dump"
writes them; only "key" and "value" (or "value_base64") must be there. Versions are given anew. A key
lives for its "remaining" seconds from now on, or else for "exptime"; 0 is for ever. Every line is
read and understood before the first key is set. When keys of the file are there already, nothing is
loaded, unless --overwrite or --skip says what to do with them.

Exit codes: 0 loaded; 1 keys are there already, or one was refused; 64 a line is wrong; 69 no leader;
74 FILE can't be read; 130 interrupted.)";

struct LoadArguments {
    std::string config = default_config_file;
    std::string file;
    bool overwrite = false;
    bool skip = false;
    std::size_t connections = 4;
    double timeout_s = 10;
    bool json = false;
};

void tell(const LoadArguments& arguments, const LoadReport& report, double seconds, bool ok) {
    const LoadCounts& counts = report.counts;
    if (arguments.json) {
        const nlohmann::ordered_json object = {{"ok", ok},
                                               {"items", report.items},
                                               {"set", counts.set},
                                               {"overwritten", counts.overwritten},
                                               {"kept", counts.kept},
                                               {"seconds", seconds}};
        fmt::print("{}\n", json_text(object));
    } else if (ok) {
        fmt::print("{} keys set", counts.set);
        if (arguments.overwrite) fmt::print(", {} overwritten", counts.overwritten);
        if (arguments.skip) fmt::print(", {} were there and left as they are", counts.kept);
        fmt::print(", after {:.1f} s\n", seconds);
    }
}

Result<void> run_load(const LoadArguments& arguments) {
    auto config = load_cluster(arguments.config);
    if (!config) return config.error();
    const client::Interrupt interrupt;
    LoadOptions options;
    if (arguments.overwrite) options.existing = Existing::overwrite;
    if (arguments.skip) options.existing = Existing::skip;
    options.connections = arguments.connections;
    options.patience =
        std::chrono::milliseconds(static_cast<std::int64_t>(arguments.timeout_s * 1000));
    options.cancel_fd = interrupt.fd();
    LoadReport report;
    const auto start = std::chrono::steady_clock::now();
    auto loaded = load_all(*config, arguments.file, options, report);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    tell(arguments, report, took.count(), loaded.ok());
    return loaded;
}

}  // namespace

void add_load_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<LoadArguments>();
    CLI::App* command = cluster.add_subcommand("load", "Set the keys of a dump");
    command->add_option("file", arguments->file, "FILE, or - for stdin")->required();
    CLI::Option* overwrite =
        command->add_flag("--overwrite", arguments->overwrite, "Replace keys that are there");
    command->add_flag("--skip", arguments->skip, "Leave keys that are there as they are")
        ->excludes(overwrite);
    command->add_option("--connections", arguments->connections, "Over so many at a time")
        ->check(whole_number(1, 64))
        ->capture_default_str();
    command->add_option("--timeout", arguments->timeout_s, "Seconds without an answer")
        ->check(decimal_number(0.1, 86400))
        ->capture_default_str();
    command->add_flag("--json", arguments->json, "What was done, for programs");
    add_config_option(*command, arguments->config);
    command->footer(load_footer);
    command->callback([arguments, &exit] { report("load", run_load(*arguments), exit); });
}

}  // namespace raftkv::cli
