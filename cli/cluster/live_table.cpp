#include "cli/cluster/live_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/admin/read_modes.hpp"

namespace raftkv::cli {

namespace {

constexpr std::string_view reset = "\x1b[0m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view yellow = "\x1b[33m";

struct Cell {
    std::string text;
    std::string_view color;
};

constexpr std::size_t column_count = 9;
using Row = std::array<Cell, column_count>;
constexpr std::array<std::string_view, column_count> heading_texts{
    "NODE", "ROLE", "TERM", "COMMIT", "LAG", "PID", "UPTIME", "RESTARTS", ""};

// Numbers to the right, words to the left.
bool right_aligned(std::size_t column) {
    return column != 1 && column != 8;
}

std::string paint(std::string_view text, std::string_view color, const TableStyle& style) {
    if (!style.color || color.empty() || text.empty()) return std::string(text);
    return fmt::format("{}{}{}", color, text, reset);
}

Cell role_cell(const NodeView& node) {
    if (node.paused) return {"paused", yellow};
    switch (node.state) {
        case NodeState::stopped:
            return {"stopped", dim};
        case NodeState::unknown:
            return {"unknown", yellow};
        case NodeState::cut_off:
            return {"cut off", red};
        case NodeState::removed:
            return {"removed", dim};
        case NodeState::stopping:
            return {"stopping", yellow};
        case NodeState::restarting:
            return {"restarting", yellow};
        case NodeState::given_up:
            return {"given up", red};
        case NodeState::running:
            break;
    }
    if (!node.role) return {"no answer", yellow};
    if (*node.role == NodeRole::leader) return {"leader", green};
    if (node.distrusted) return {"differs", red};
    bool settled = *node.role == NodeRole::follower;
    if (settled && !node.votes) return {"learner", {}};
    return {std::string(name_of(*node.role)), settled ? std::string_view() : yellow};
}

std::string number_or_dash(bool known, std::uint64_t number) {
    return known ? fmt::format("{}", number) : "-";
}

Row row_of(const NodeView& node) {
    bool answers = node.role.has_value();
    Row row;
    row[0] = {fmt::format("{}", node.id.value()), {}};
    row[1] = role_cell(node);
    row[2] = {number_or_dash(answers, node.term.value()), {}};
    row[3] = {number_or_dash(answers, node.commit.value()), {}};
    row[4] = {number_or_dash(node.lag.has_value(), node.lag.value_or(0)), {}};
    row[5] = {node.pid ? fmt::format("{}", *node.pid) : "-", {}};
    row[6] = {node.pid ? short_duration(node.uptime_ms) : "-", {}};
    row[7] = {node.here ? fmt::format("{}", node.restarts) : "-", node.restarts ? yellow : ""};
    row[8] = {node.note, dim};
    if (node.note.empty() && !node.faults.empty()) row[8] = {summary_of(node.faults), yellow};
    return row;
}

std::string headline(const ClusterView& view, const TableStyle& style) {
    std::string leader = view.leader
                             ? paint(fmt::format("leader {}", view.leader->value()), green, style)
                             : paint("no leader", red, style);
    std::string line =
        paint("raftkv", bold, style) +
        fmt::format("  {} nodes  {}  term {}  ", view.nodes.size(), leader, view.term.value());
    if (!view.supervisor_pid) return line + paint("no supervisor", yellow, style);
    line += fmt::format("up {}  ", short_duration(view.uptime_ms));
    if (view.stopping) line += paint("stopping  ", yellow, style);
    return line + paint(view.data_path, dim, style);
}

using Widths = std::array<std::size_t, column_count>;

Widths widths_of(const std::vector<Row>& rows) {
    Widths widths;
    for (std::size_t column = 0; column < column_count; ++column) {
        widths[column] = heading_texts[column].size();
        for (const Row& row : rows) {
            widths[column] = std::max(widths[column], visible_width(row[column].text));
        }
    }
    return widths;
}

std::string line_of(const Row& row, const Widths& widths, const TableStyle& style) {
    std::string line;
    for (std::size_t column = 0; column < column_count; ++column) {
        const Cell& cell = row[column];
        std::string padding(widths[column] - visible_width(cell.text), ' ');
        bool last = column + 1 == column_count;
        if (right_aligned(column)) line += padding;
        line += paint(cell.text, cell.color, style);
        if (!right_aligned(column) && !last) line += padding;
        if (!last) line += "  ";
    }
    while (line.ends_with(' ')) line.pop_back();  // without a note
    return line;
}

std::string cut(const std::string& line, const TableStyle& style) {
    return style.width == 0 ? line : cut_to_width(line, style.width);
}

}  // namespace

std::size_t visible_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\x1b') {
            at = std::min(text.find('m', at), text.size() - 1);
        } else if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) {
            ++width;
        }
    }
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
    std::size_t seen = 0;
    bool colored = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\x1b') {
            colored = true;
            at = std::min(text.find('m', at), text.size() - 1);
        } else if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++seen > width) {
            return std::string(text.substr(0, at)) + std::string(colored ? reset : "");
        }
    }
    return std::string(text);
}

std::vector<std::string> table_lines(const ClusterView& view, const TableStyle& style) {
    std::vector<Row> rows;
    for (const NodeView& node : view.nodes) rows.push_back(row_of(node));
    Widths widths = widths_of(rows);
    Row headings;
    for (std::size_t column = 0; column < column_count; ++column) {
        headings[column] = {std::string(heading_texts[column]), dim};
    }
    std::vector<std::string> lines{cut(headline(view, style), style), ""};
    lines.push_back(cut(line_of(headings, widths, style), style));
    for (const Row& row : rows) lines.push_back(cut(line_of(row, widths, style), style));
    for (const NodeView& node : view.nodes) {
        for (const std::string& problem : node.problems) {
            const std::string text = fmt::format("node {}: {}", node.id.value(), problem);
            lines.push_back(cut(paint(text, red, style), style));
        }
    }
    const bool any_answers =
        std::any_of(view.nodes.begin(), view.nodes.end(),
                    [](const NodeView& node) { return node.role.has_value(); });
    if (!view.leader && !view.stopping && any_answers) {
        const char* way_out =
            "Nothing is written until a majority of the voters elects a leader. If no majority can "
            "come back, \"raftkv cluster recover\" goes on with one node.";
        lines.push_back(cut(paint(way_out, yellow, style), style));
    }
    ReadModes modes;
    for (const NodeView& node : view.nodes) modes.emplace_back(node.id, node.read_mode);
    if (const std::string warning = read_mode_warning(modes); !warning.empty())
        lines.push_back(cut(paint(warning, yellow, style), style));
    return lines;
}

std::vector<std::string> screen_lines(const ClusterView& view,
                                      const std::vector<std::string>& events,
                                      const TableStyle& style, std::size_t height) {
    std::vector<std::string> lines = table_lines(view, style);
    std::string keys = cut(paint("Ctrl-C stops the cluster", dim, style), style);
    // The table, an empty line on both sides of the events, the keys.
    std::size_t taken = lines.size() + 3;
    std::size_t room = height > taken ? height - taken : 0;
    std::size_t shown = std::min(room, events.size());
    if (shown > 0) {
        lines.emplace_back();
        for (auto event = events.end() - static_cast<std::ptrdiff_t>(shown); event != events.end();
             ++event) {
            lines.push_back(cut(*event, style));
        }
    }
    if (lines.size() + 2 <= height) {
        lines.emplace_back();
        lines.push_back(keys);
    }
    if (lines.size() > height) lines.resize(height);
    return lines;
}

}  // namespace raftkv::cli
