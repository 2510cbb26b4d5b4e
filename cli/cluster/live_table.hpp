#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cluster/cluster_view.hpp"

// How the cluster looks on a terminal. Pure: text out, no terminal here.

namespace raftkv::cli {

struct TableStyle {
    bool color = false;
    std::size_t width = 100;  // longer lines are cut; 0: not cut
};

// A line for the cluster, the headings, a line for each node. No line is wider than `width` on
// the screen.
std::vector<std::string> table_lines(const ClusterView& view, const TableStyle& style);

// The whole screen: table, what happened lately (the newest last), the keys. Fits `height`.
std::vector<std::string> screen_lines(const ClusterView& view,
                                      const std::vector<std::string>& events,
                                      const TableStyle& style, std::size_t height);

// Cuts after `width` visible characters; escape sequences take no room and UTF-8 is not torn.
std::string cut_to_width(std::string_view text, std::size_t width);
std::size_t visible_width(std::string_view text);

}  // namespace raftkv::cli
