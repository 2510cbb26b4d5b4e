#include "cli/cluster/fleet_node.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <csignal>
#include <system_error>

#include "cli/cluster/log_files.hpp"
#include "common/cluster_record.hpp"
#include "common/printable.hpp"

namespace raftkv::cli {

std::uint64_t size_of_log(const std::filesystem::path& file) {
    std::error_code ec;
    auto size = std::filesystem::file_size(file, ec);
    return ec ? 0 : size;
}

std::string reason_of(const FleetNode& node, const ChildEnd& end,
                      const std::filesystem::path& log) {
    std::string reason = describe(end);
    bool clean = !end.signalled && end.code == 0;
    bool silent = end.signalled && (end.code == SIGKILL || end.code == SIGTERM);
    if (clean || silent || size_of_log(log) <= node.log_size_at_start) return reason;
    auto words = last_lines(log, 1);
    return words.empty() ? reason : fmt::format("{}: {}", reason, printable_line(words.front()));
}

std::string wait_of(const FleetNode& node, MonotonicMs now) {
    auto next = node.life.next_tick();
    std::int64_t left = next ? std::max<std::int64_t>(*next - now, 0) : 0;
    return "again in " + short_duration(left);
}

std::string given_up_note(const FleetNode& node) {
    auto end = node.life.last_end();
    bool looped = !end || end->signalled ||
                  (end->code != static_cast<int>(ExitCode::usage) &&
                   end->code != static_cast<int>(ExitCode::corrupt));
    std::string_view why = looped ? "it died 5 times within 60 s" : "a restart would not help";
    return fmt::format("{} ({}); \"raftkv cluster start {}\" tries again", node.last_reason, why,
                       node.config.id.value());
}

NodeView row_of(const FleetNode& node, const std::optional<NodeStatus>& status, MonotonicMs now) {
    NodeView row;
    row.id = node.config.id;
    row.here = node.here;
    row.votes = node.config.votes;
    row.state = node.life.state();
    row.paused = node.life.paused();
    row.restarts = node.life.restarts();
    if (!node.here) {
        row.state = status ? NodeState::running : NodeState::unknown;
        row.note = node.lost ? "the host name \"" + node.config.host + "\" does not resolve yet"
                             : "on " + node.config.host;
        if (node.foreign != 0)
            row.note +=
                fmt::format(", where a node of another cluster answers, {:016x}", node.foreign);
    }
    if (node.removed) row.state = NodeState::removed;
    if (node.child) {
        row.pid = node.child->pid();
        row.uptime_ms = now - node.started;
    }
    if (row.state == NodeState::restarting) row.note = node.last_reason + ", " + wait_of(node, now);
    if (row.state == NodeState::given_up) row.note = given_up_note(node);
    if (status) take_status(row, *status);
    if (status && !status->waits.empty()) row.note = "waits: " + status->waits;
    return row;
}

std::vector<std::string> how_to_join(const std::list<FleetNode>& nodes, const FleetNode& joining,
                                     const ClusterPaths& paths) {
    bool any_came = false;
    std::vector<std::string> others;
    for (const FleetNode& node : nodes) {
        if (&node == &joining || node.removed) continue;
        any_came |= !node.first;
        const std::string& host = node.config.admin_host;
        const bool is_v6 = host.find(':') != std::string::npos;
        others.push_back(
            fmt::format("{}:{}", is_v6 ? "[" + host + "]" : host, node.config.admin_port));
    }
    // Those who are members now may all have come while it was away.
    const bool may_know_nobody =
        any_came && cluster_of_folder(paths.node_folder(joining.config.id)) != 0;
    if (joining.first && !may_know_nobody) return {};
    return {"--join", fmt::format("{}", fmt::join(others, ","))};
}

bool waits_to_be_added(const FleetNode& node, const ClusterPaths& paths) {
    return node.here && node.life.has_process() &&
           cluster_of_folder(paths.node_folder(node.config.id)) == 0;
}

Error not_here(const FleetNode& node) {
    const std::uint32_t id = node.config.id.value();
    if (node.lost)
        return {ErrorKind::unavailable,
                fmt::format("where node {} is is not known yet: the host name \"{}\" does not "
                            "resolve; it is started as soon as it does",
                            id, node.config.host)};
    return {ErrorKind::usage,
            fmt::format("node {} runs on {}, not on this machine", id, node.config.host)};
}

std::string place_text(const ServerConfig& where) {
    return fmt::format("{}, ports {}, {} and {}", where.host, where.client_port, where.log_port,
                       where.admin_port);
}

}  // namespace raftkv::cli
