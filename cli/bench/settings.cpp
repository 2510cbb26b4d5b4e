#include "cli/bench/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>

#include "common/check.hpp"

namespace raftkv::bench {
namespace {

constexpr std::size_t most_bytes_in_flight = std::size_t{1} << 30;
constexpr std::uint64_t usual_keys = 10'000;
// A run has at most 600 windows.
constexpr double window_share = 1.0 / 600, shortest_window_s = 0.1;

Error misuse(std::string message) {
    return {ErrorKind::usage, std::move(message)};
}

}  // namespace

Result<Settings> settings_of(const Arguments& arguments) {
    Settings settings = arguments.settings;
    for (Op op : {Op::set, Op::get, Op::mixed, Op::cas}) {
        if (name_of(op) == arguments.op) settings.op = op;
    }
    settings.distribution =
        arguments.distribution == "zipf" ? Distribution::zipf : Distribution::uniform;
    if (arguments.names_nodes && (arguments.names_start || arguments.names_folder)) {
        return misuse(
            "--nodes measures nodes that run: --start and --folder are for a cluster "
            "that is started");
    }
    const bool makes_keys = settings.op == Op::set;
    if (makes_keys && arguments.names_distribution) {
        return misuse("--distribution chooses among keys that are there: a set makes new ones");
    }
    if (!makes_keys && settings.keys == 0) {
        if (arguments.names_keys) {
            return misuse(fmt::format("--keys 0: there is nothing to {}",
                                      settings.op == Op::get ? "read" : "replace"));
        }
        settings.keys = usual_keys;
    }
    if (arguments.names_rate && !(settings.rate > 0)) {
        return misuse("--rate: how many operations a second? Leave it out for as many as it takes");
    }
    const std::size_t in_flight = settings.clients * settings.pipeline;
    if (settings.value_bytes > most_bytes_in_flight / in_flight) {
        return misuse(
            fmt::format("{} clients with {} values of {} bytes in flight each are more "
                        "than 1 GiB: use fewer of one of them",
                        settings.clients, settings.pipeline, settings.value_bytes));
    }
    return settings;
}

std::string_view name_of(Op op) {
    switch (op) {
        case Op::set:
            return "set";
        case Op::get:
            return "get";
        case Op::mixed:
            return "mixed";
        case Op::cas:
            return "cas";
    }
    check_failed("known Op", __FILE__, __LINE__);
}

std::string_view name_of(Distribution distribution) {
    switch (distribution) {
        case Distribution::uniform:
            return "uniform";
        case Distribution::zipf:
            return "zipf";
        case Distribution::in_turn:
            return "in turn";
    }
    check_failed("known Distribution", __FILE__, __LINE__);
}

std::string command_of(const Settings& settings) {
    std::string command = "raftkv bench";
    const auto add = [&](std::string_view option, const auto& value) {
        command += fmt::format(" {} {}", option, value);
    };
    if (!settings.addresses.empty()) {
        add("--nodes", fmt::format("{}", fmt::join(settings.addresses, ",")));
    } else {
        add("--start", settings.nodes);
        if (!settings.folder.empty()) add("--folder", settings.folder.string());
    }
    add("--op", name_of(settings.op));
    add("--clients", settings.clients);
    add("--pipeline", settings.pipeline);
    add("--value-bytes", settings.value_bytes);
    if (settings.keys > 0) add("--keys", settings.keys);
    if (settings.op != Op::set) add("--distribution", name_of(settings.distribution));
    if (settings.rate > 0) add("--rate", settings.rate);
    add("--seconds", settings.seconds);
    return command;
}

LoadOptions load_of(const Settings& settings) {
    LoadOptions load;
    load.op = settings.op;
    load.clients = settings.clients;
    load.pipeline = settings.pipeline;
    load.value_bytes = settings.value_bytes;
    load.rate = settings.rate;
    load.seconds = settings.seconds;
    load.window_seconds = std::max(settings.seconds * window_share, shortest_window_s);
    return load;
}

std::string hint_about(const std::filesystem::path& folder) {
    struct statfs system = {};
    if (::statfs(folder.c_str(), &system) != 0 || system.f_type != TMPFS_MAGIC) return {};
    return fmt::format(
        "{} is in memory, where a sync costs nothing: name a folder on a disk with "
        "--folder to measure one",
        folder.parent_path().string());
}

}  // namespace raftkv::bench
