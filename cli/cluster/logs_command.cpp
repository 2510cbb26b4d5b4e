#include <fmt/format.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <fstream>
#include <memory>
#include <system_error>
#include <vector>

#include "cli/admin/known_members.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/log_files.hpp"
#include "cli/cluster/subcommands.hpp"
#include "cli/command_line/numbers.hpp"
#include "cli/command_line/standard_output.hpp"
#include "common/config.hpp"
#include "common/printable.hpp"

namespace raftkv::cli {

namespace {

constexpr std::size_t default_lines = 20;
constexpr std::size_t most_lines = 1'000'000;

struct LogsArguments {
    std::string config = default_config_file;
    std::string which;
    std::size_t lines = default_lines;
    bool follow = false;
};

struct Source {
    std::string label;  // before each line, when there are several logs
    std::filesystem::path file;
    std::uint64_t shown_up_to = 0;  // or to be shown at first
};

struct Line {
    const Source* source;
    std::string text;
};

void print(const Line& line) {
    // Other programs may have written there, and nodes say what strangers told them.
    fmt::print("{}{}\n", line.source->label, printable_line(line.text));
}

// Lines start with their time, and so sort by it; one that does not belongs to the line before.
constexpr std::size_t time_length = std::string_view("2024-01-01T00:00:00.000").size();

std::string time_of(const std::string& text, const std::string& before) {
    bool timed = text.size() >= time_length && text[4] == '-' && text[10] == 'T';
    return timed ? text.substr(0, time_length) : before;
}

void print_last(const std::vector<Source>& sources, std::size_t count) {
    std::vector<std::pair<std::string, Line>> lines;
    for (const Source& source : sources) {
        std::string time;
        for (std::string& text : last_lines(source.file, count, source.shown_up_to)) {
            time = time_of(text, time);
            lines.emplace_back(time, Line{&source, std::move(text)});
        }
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::size_t from = lines.size() > count ? lines.size() - count : 0;
    for (std::size_t index = from; index < lines.size(); ++index) print(lines[index].second);
    std::fflush(stdout);
}

std::uint64_t size_of(const std::filesystem::path& file) {
    std::error_code ec;
    auto size = std::filesystem::file_size(file, ec);
    return ec ? 0 : size;
}

// Complete lines that were added since the last time.
void print_new(Source& source) {
    constexpr std::uint64_t most_at_once = 1 << 20;
    std::uint64_t size = size_of(source.file);
    if (size < source.shown_up_to) source.shown_up_to = 0;  // emptied, since it had grown too big
    if (size == source.shown_up_to) return;
    std::uint64_t length = std::min(size - source.shown_up_to, most_at_once);
    std::string text(length, '\0');
    std::ifstream in(source.file, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(source.shown_up_to));
    if (!in.read(text.data(), static_cast<std::streamsize>(length))) return;
    std::size_t end = text.rfind('\n');
    if (end == std::string::npos) {
        if (length < most_at_once) return;
        end = length - 1;
    }
    source.shown_up_to += end + 1;
    std::size_t start = 0;
    while (start <= end) {
        std::size_t next = std::min(text.find('\n', start), end);
        print({&source, text.substr(start, next - start)});
        start = next + 1;
    }
    std::fflush(stdout);
}

// Until Ctrl-C, or nobody reads it any more.
void follow(std::vector<Source>& sources) {
    constexpr int pace_ms = 100;
    while (output_works()) {
        for (Source& source : sources) print_new(source);
        ::poll(nullptr, 0, pace_ms);
    }
}

Result<std::vector<Source>> find_sources(const ClusterConfig& config, const std::string& which) {
    ClusterPaths paths{config.data_path};
    std::vector<Source> sources;
    if (which == "supervisor") {
        sources.push_back({"", paths.log()});
        return sources;
    }
    // Of those who were removed, there are the last words.
    for (const ServerConfig& server : with_all_servers(config).servers) {
        std::string id = std::to_string(server.id.value());
        if (which.empty()) sources.push_back({fmt::format("{} | ", id), paths.node_log(server.id)});
        if (which == id) sources.push_back({"", paths.node_log(server.id)});
    }
    if (sources.empty()) {
        return Error{ErrorKind::usage,
                     fmt::format("\"{}\" names no log: give the id of a node, supervisor, or "
                                 "nothing for all nodes",
                                 which)};
    }
    return sources;
}

Result<void> show_logs(const LogsArguments& arguments) {
    auto config = load_config(arguments.config);
    if (!config) return config.error();
    auto sources = find_sources(*config, arguments.which);
    if (!sources) return sources.error();
    bool any = std::any_of(sources->begin(), sources->end(), [](const Source& source) {
        std::error_code ignored;
        return std::filesystem::exists(source.file, ignored);
    });
    if (!any && !arguments.follow) {
        return Error{ErrorKind::failed,
                     fmt::format("there is no log yet in {}: \"raftkv cluster up\" starts the "
                                 "nodes that write it",
                                 config->data_path.string())};
    }
    for (Source& source : *sources) source.shown_up_to = size_of(source.file);
    print_last(*sources, arguments.lines);
    if (arguments.follow) follow(*sources);
    return {};
}

}  // namespace

void add_logs_command(CLI::App& cluster, ExitCode& exit) {
    auto arguments = std::make_shared<LogsArguments>();
    CLI::App* command = cluster.add_subcommand("logs", "Show what the nodes have to say");
    command->add_option("node", arguments->which, "<id>, or supervisor; all nodes by default");
    command->add_option("-n,--lines", arguments->lines, "How many of the last lines")
        ->check(whole_number(0, most_lines))
        ->capture_default_str();
    command->add_flag("-f,--follow", arguments->follow, "Go on until Ctrl-C");
    add_config_option(*command, arguments->config);
    command->callback([arguments, &exit] { report("logs", show_logs(*arguments), exit); });
}

}  // namespace raftkv::cli
