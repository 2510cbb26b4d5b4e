#include "cli/admin/read_modes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <map>

namespace raftkv::cli {

std::string read_mode_warning(const ReadModes& modes) {
    std::map<std::string, std::vector<std::uint32_t>> nodes_of;
    for (const auto& [node, mode] : modes) {
        if (!mode.empty()) nodes_of[mode].push_back(node.value());
    }
    if (nodes_of.size() < 2) return {};
    std::vector<std::string> parts;
    for (const auto& [mode, nodes] : nodes_of) {
        parts.push_back(fmt::format("\"{}\" on node {}", mode, fmt::join(nodes, ", ")));
    }
    return fmt::format("ReadMode should be the same everywhere; it is {}",
                       fmt::join(parts, ", and "));
}

}  // namespace raftkv::cli
