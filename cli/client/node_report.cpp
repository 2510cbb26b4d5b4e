#include "cli/client/node_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/admin/node_answers.hpp"
#include "cli/admin/read_modes.hpp"
#include "cli/client/connection.hpp"

namespace raftkv::cli::client {

namespace {

using Row = std::vector<std::string>;

std::string duration_text(std::uint64_t ms) {
    const std::uint64_t s = ms / 1000;
    if (s < 60) return fmt::format("{}.{} s", s, ms % 1000 / 100);
    if (s < 3600) return fmt::format("{} m {:02} s", s / 60, s % 60);
    if (s < 24 * 3600) return fmt::format("{} h {:02} m", s / 3600, s / 60 % 60);
    return fmt::format("{} d {:02} h", s / 86400, s / 3600 % 24);
}

std::string id_text(const NodeReport& report) {
    if (report.status) return std::to_string(report.status->id.value());
    if (report.node.id == unknown_node) return "?";
    return std::to_string(report.node.id.value());
}

Row row_of(const NodeReport& report, const NodeReport* leader) {
    const Endpoint place{report.node.id, report.node.host, report.node.client_port};
    if (!report.status) return {id_text(report), place.address(), "no answer"};
    const NodeStatus& status = *report.status;
    const auto lag = lag_of(report, leader);
    std::string role(name_of(status.role));
    if (!report.node.votes && status.role == NodeRole::follower) role = "learner";
    if (status.distrusted) role = "differs";
    return {id_text(report),
            place.address(),
            role,
            std::to_string(status.term.value()),
            std::to_string(status.commit.value()),
            std::to_string(status.applied.value()),
            lag ? std::to_string(*lag) : "?",
            std::to_string(status.keys),
            duration_text(status.uptime_ms)};
}

std::string_view color_of(const NodeReport& report, const NodeReport* leader) {
    if (!report.status) return "\x1b[31m";
    return leader != nullptr && report.node.id == leader->node.id ? "\x1b[32m" : "";
}

// Text to the left, numbers to the right.
std::string line_of(const Row& row, const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const bool text = i == 1 || i == 2;
        line += i == 0 ? "" : "  ";
        line += text ? fmt::format("{:<{}}", row[i], widths[i])
                     : fmt::format("{:>{}}", row[i], widths[i]);
    }
    return line.substr(0, line.find_last_not_of(' ') + 1);
}

}  // namespace

std::vector<NodeReport> ask_nodes(const std::vector<ServerConfig>& nodes,
                                  std::chrono::milliseconds timeout, std::uint64_t cluster) {
    std::vector<NodeReport> reports;
    for (NodeAnswer& answer : cli::ask_nodes(nodes, timeout, cluster)) {
        Result<NodeStatus> status = Error{ErrorKind::unavailable, std::move(answer.reason)};
        if (answer.status) status = std::move(*answer.status);
        reports.push_back({std::move(answer.where), std::move(status)});
    }
    return reports;
}

const NodeReport* find_leader(const std::vector<NodeReport>& reports) {
    const NodeReport* leader = nullptr;
    for (const NodeReport& report : reports) {
        if (!report.leads()) continue;
        if (leader == nullptr || leader->status->term < report.status->term) leader = &report;
    }
    return leader;
}

std::optional<std::uint64_t> lag_of(const NodeReport& report, const NodeReport* leader) {
    if (leader == nullptr || !report.status) return std::nullopt;
    for (const PeerStatus& peer : leader->status->peers) {
        if (peer.id == report.status->id) return peer.lag;
    }
    const NodeStatus& own = *report.status;
    const LogIndex last = std::max(leader->status->last_index, own.durable_index);
    return last - own.durable_index;
}

std::string status_table(const std::vector<NodeReport>& shown, const NodeReport* leader,
                         bool colors) {
    std::vector<Row> rows{
        {"id", "address", "role", "term", "commit", "applied", "lag", "keys", "uptime"}};
    for (const NodeReport& report : shown) rows.push_back(row_of(report, leader));
    std::vector<std::size_t> widths(rows[0].size());
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text = line_of(rows[0], widths) + "\n";
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const NodeReport& report = shown[i];
        const std::string_view color = colors ? color_of(report, leader) : "";
        const std::string why = report.status ? "" : "  " + report.status.error().message;
        text += fmt::format("{}{}{}{}\n", color, line_of(rows[i + 1], widths), why,
                            color.empty() ? "" : "\x1b[0m");
    }
    ReadModes modes;
    for (const NodeReport& report : shown) {
        if (report.status) modes.emplace_back(report.status->id, report.status->read_mode);
    }
    const std::string warning = read_mode_warning(modes);
    return warning.empty() ? text : text + warning + "\n";
}

ExitCode status_exit(const std::vector<NodeReport>& shown, const NodeReport* leader) {
    const bool one_silent = shown.size() == 1 && !shown[0].status;
    return leader == nullptr || one_silent ? ExitCode::unavailable : ExitCode::done;
}

}  // namespace raftkv::cli::client
