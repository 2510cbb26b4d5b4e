#include "cli/cluster/known_members.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "cli/cluster/members_table.hpp"

namespace raftkv::cli {

std::optional<MembersView> load_known_members(const ClusterPaths& paths) {
    constexpr std::uintmax_t largest = 1u << 20;
    std::error_code ec;
    const auto size = std::filesystem::file_size(paths.members(), ec);
    if (ec || size > largest) return std::nullopt;
    std::ifstream file(paths.members(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    auto view = parse_members(text);
    if (!view) return std::nullopt;
    return std::move(*view);
}

Result<void> save_known_members(const ClusterPaths& paths, const MembersView& view) {
    const auto failed = [&](const std::string& what) {
        return Error{ErrorKind::io, fmt::format("writing {}: {}", paths.members().string(), what)};
    };
    const std::string temporary = paths.members().string() + ".tmp";
    {
        std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
        file << members_json(view);
        file.flush();
        if (!file) return failed("the system took not all of it");
    }
    std::error_code ec;
    std::filesystem::rename(temporary, paths.members(), ec);
    if (ec) return failed(ec.message());
    return {};
}

ClusterConfig with_members(ClusterConfig config, const MembersView& view) {
    std::vector<ServerConfig> servers;
    for (const MemberInfo& member : view.members) {
        if (member.where.host.empty()) continue;
        servers.push_back(member.where);
        if (const ServerConfig* configured = config.find(member.where.id))
            servers.back().priority = configured->priority;
    }
    if (!servers.empty()) config.servers = std::move(servers);
    return config;
}

}  // namespace raftkv::cli
