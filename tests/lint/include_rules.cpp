#include <algorithm>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/lint/rules.hpp"

namespace raftkv::lint {

namespace {

struct Folder {
    std::string_view path;
    std::vector<std::string_view> may_include;  // prefixes, besides the folder itself
};

// The arrows of the design: cli -> node -> common. The first row that a file is under counts.
const std::vector<Folder>& folders() {
    static const std::vector<Folder> table = {
        {"common", {}},
        {"node/raft", {"common/"}},
        {"node/kv", {"common/"}},
        // The types of the core, not its workings.
        {"node/storage",
         {"common/", "node/raft/types.hpp", "node/raft/effects.hpp", "node/raft/message.hpp",
          "node/raft/restored.hpp"}},
        {"node/wire",
         {"common/", "node/raft/types.hpp", "node/raft/message.hpp", "node/raft/membership.hpp",
          "node/raft/claim.hpp"}},
        {"node/replica", {"common/", "node/raft/", "node/kv/", "node/storage/", "node/wire/"}},
        {"node/server", {"common/", "node/"}},
        {"cli/node",
         {"common/", "node/server/", "node/storage/", "node/kv/", "node/raft/types.hpp",
          "node/raft/restored.hpp", "node/replica/store_sink.hpp", "cli/client/escape.hpp",
          "node/raft/membership.hpp", "cli/admin/members.hpp", "cli/admin/node_answers.hpp",
          "cli/command_line/"}},
        {"cli/socket", {"common/"}},
        {"cli/command_line", {"common/"}},
        {"cli/admin", {"common/", "cli/command_line/", "cli/socket/"}},
        {"cli/page", {"common/"}},
        {"cli/client", {"common/", "cli/admin/", "cli/command_line/", "cli/socket/"}},
        {"cli/fault", {"common/", "cli/admin/"}},
        // Makes and reads the folders of nodes that do not run.
        {"cli/cluster/backup",
         {"common/", "node/storage/", "node/kv/", "node/raft/types.hpp", "node/raft/membership.hpp",
          "cli/node/checked_sink.hpp", "node/replica/store_sink.hpp", "cli/admin/", "cli/client/",
          "cli/cluster/", "cli/command_line/", "cli/socket/"}},
        {"cli/cluster",
         {"common/", "cli/admin/", "cli/client/", "cli/command_line/", "cli/fault/",
          "cli/socket/"}},
        {"cli/bench/load", {"common/", "cli/client/", "cli/socket/"}},
        {"cli/bench",
         {"common/", "cli/admin/", "cli/client/", "cli/cluster/child_process.hpp",
          "cli/command_line/", "cli/page/", "cli/socket/",
          // Clusters of its own, and what all long commands have in common.
          "cli/test/interrupt.hpp", "cli/test/live_line.hpp", "cli/test/local_cluster.hpp",
          "cli/test/port_block.hpp", "cli/test/work_folder.hpp"}},
        {"cli/test/history", {"common/"}},
        {"cli/test/checker", {"common/", "cli/test/history/"}},
        {"cli/test/trace", {"common/", "cli/page/"}},
        // Whole clusters in one process: the node without its sockets.
        {"cli/test/simulation",
         {"common/", "node/raft/", "node/kv/", "node/storage/", "node/wire/", "node/replica/",
          "cli/command_line/", "cli/test/history/", "cli/test/checker/", "cli/test/trace/",
          // What all long commands have in common.
          "cli/test/interrupt.hpp", "cli/test/live_line.hpp"}},
        {"cli/test",
         {"common/", "cli/admin/", "cli/client/", "cli/cluster/", "cli/command_line/", "cli/fault/",
          "cli/page/"}},
        {"cli",
         {"common/", "cli/program.hpp", "cli/command_line/", "cli/bench/command.hpp",
          "cli/node/command.hpp", "cli/cluster/command.hpp", "cli/client/command.hpp",
          "cli/test/command.hpp"}},
        {"tests", {"common/", "node/", "cli/"}},
    };
    return table;
}

const Folder* folder_of(const SourceFile& file) {
    auto found = std::find_if(folders().begin(), folders().end(),
                              [&](const Folder& folder) { return file.is_under(folder.path); });
    return found == folders().end() ? nullptr : &*found;
}

struct Include {
    std::size_t line;
    bool quoted;
    std::string path;
};

std::vector<Include> includes_of(const SourceFile& file) {
    static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    std::vector<Include> includes;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        std::smatch match;
        if (file.code[i].find("include") != std::string::npos &&
            std::regex_search(file.lines[i], match, pattern)) {
            includes.push_back({i + 1, match[1] == "\"", match[2]});
        }
    }
    return includes;
}

bool starts_with_any(std::string_view path, const std::vector<std::string_view>& prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return path.starts_with(prefix); });
}

struct LibraryRule {
    std::vector<std::string_view> headers;  // prefixes
    std::vector<std::string_view> folders;  // where the rule holds; empty is everywhere
    std::vector<std::string_view> except;   // path prefixes where it does not
    bool only_in_headers;
    std::string_view why;
};

const std::vector<std::string_view>& deciding_folders() {
    static const std::vector<std::string_view> table = {"common/protocol", "node/raft", "node/kv",
                                                        "node/wire", "node/replica"};
    return table;
}

const std::vector<LibraryRule>& library_rules() {
    static const std::vector<LibraryRule> table = {
        {{"boost/asio", "boost/beast", "boost/process", "CLI/", "nlohmann/json.hpp", "spdlog/",
          "prometheus/"},
         {},
         {},
         true,
         "costs seconds in every file that includes it; keep it in the .cpp"},
        {{"boost/asio", "boost/beast"},
         {"common", "node"},
         {"node/server/", "common/asio/"},
         false,
         "sockets and event loops belong to node/server"},
        {{"boost/process"},
         {},
         {"cli/cluster/child_process"},
         false,
         "child processes go through cli/cluster/child_process.hpp"},
        {{"CLI/"}, {"common", "node"}, {}, false, "command lines are parsed in cli"},
        {{"thread", "mutex", "shared_mutex", "condition_variable", "atomic", "future", "chrono",
          "random", "fstream", "filesystem", "iostream", "cstdio", "ctime", "unistd.h", "fcntl.h",
          "sys/", "pthread.h"},
         deciding_folders(),
         {},
         false,
         "what decides has no clock, thread, file or chance of its own"},
        {{"thread", "mutex", "shared_mutex", "condition_variable", "atomic", "future", "random",
          "fstream", "filesystem", "iostream", "cstdio", "ctime", "unistd.h", "sys/"},
         {"cli/test/checker"},
         {},
         false,
         "the same history gets the same verdict: a check has no thread, clock, file or chance"},
        {{"gtest/", "gmock/"},
         {"common", "node", "cli"},
         {},
         false,
         "production code knows no tests"},
    };
    return table;
}

bool holds_for(const LibraryRule& rule, const SourceFile& file) {
    bool inside = rule.folders.empty() ||
                  std::any_of(rule.folders.begin(), rule.folders.end(),
                              [&](std::string_view folder) { return file.is_under(folder); });
    return inside && !starts_with_any(file.path, rule.except) &&
           (file.is_header() || !rule.only_in_headers);
}

// "thread" is a whole header, "boost/asio" and "sys/" are the start of many.
bool names(std::string_view rule_header, std::string_view header) {
    return rule_header.find('/') == std::string_view::npos ? header == rule_header
                                                           : header.starts_with(rule_header);
}

}  // namespace

std::vector<Finding> check_project_includes(const SourceFile& file) {
    const Folder* folder = folder_of(file);
    std::vector<Finding> findings;
    if (!file.is_cpp()) {
        return findings;
    }
    if (folder == nullptr) {
        return {{file.path, 1, "is in a folder that the table of folders does not know"}};
    }
    for (const Include& include : includes_of(file)) {
        std::string own = std::string(folder->path) + "/";
        if (include.quoted && !(include.path.starts_with(own) && folder->path != "cli") &&
            !starts_with_any(include.path, folder->may_include)) {
            findings.push_back({file.path, include.line,
                                std::string(folder->path) + " may not include " + include.path});
        }
    }
    return findings;
}

std::vector<Finding> check_library_includes(const SourceFile& file) {
    std::vector<Finding> findings;
    for (const Include& include : includes_of(file)) {
        for (const LibraryRule& rule : library_rules()) {
            bool named = std::any_of(rule.headers.begin(), rule.headers.end(),
                                     [&](std::string_view h) { return names(h, include.path); });
            if (!include.quoted && named && holds_for(rule, file)) {
                findings.push_back(
                    {file.path, include.line, "<" + include.path + ">: " + std::string(rule.why)});
            }
        }
    }
    return findings;
}

}  // namespace raftkv::lint
