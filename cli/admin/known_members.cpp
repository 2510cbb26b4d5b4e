#include "cli/admin/known_members.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/admin/member_ids.hpp"
#include "common/private_files.hpp"

namespace raftkv::cli {

std::filesystem::path members_file(const std::filesystem::path& data) {
    return data / "members.json";
}

std::optional<MembersView> load_known_members(const std::filesystem::path& data) {
    constexpr std::uintmax_t largest = 1u << 20;
    std::error_code ec;
    const auto size = std::filesystem::file_size(members_file(data), ec);
    if (ec || size > largest) return std::nullopt;
    std::ifstream file(members_file(data), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    auto view = parse_members(text);
    if (!view) return std::nullopt;
    return std::move(*view);
}

Result<void> save_known_members(const std::filesystem::path& data, const MembersView& view) {
    const std::string name = members_file(data).string();
    const auto failed = [&](const std::string& what) {
        return Error{ErrorKind::io, fmt::format("writing {}: {}", name, what)};
    };
    const std::string temporary = name + ".tmp";
    if (!write_private_file(temporary, members_json(view)))
        return failed(std::generic_category().message(errno));
    std::error_code ec;
    std::filesystem::rename(temporary, name, ec);
    if (ec) return failed(ec.message());
    return {};
}

Result<void> forget_known_members(const std::filesystem::path& data) {
    std::error_code ec;
    std::filesystem::remove(members_file(data), ec);
    if (!ec) return {};
    return Error{ErrorKind::io,
                 fmt::format("removing {}: {}", members_file(data).string(), ec.message())};
}

ClusterConfig with_members(ClusterConfig config, const MembersView& view) {
    std::vector<ServerConfig> servers;
    for (const MemberInfo& member : view.members) {
        if (member.where.host.empty()) continue;
        servers.push_back(member.where);
        servers.back().votes = member.kind == MemberKind::voter;
        if (const ServerConfig* configured = config.find(member.where.id))
            servers.back().priority = configured->priority;
    }
    if (!servers.empty()) config.servers = std::move(servers);
    return config;
}

ClusterConfig with_known_servers(const ClusterConfig& config) {
    const auto known = load_known_members(config.data_path);
    return known ? with_members(config, *known) : config;
}

ClusterConfig with_all_servers(const ClusterConfig& config) {
    ClusterConfig all = with_known_servers(config);
    for (const ServerConfig& server : config.servers) {
        if (all.find(server.id) == nullptr) all.servers.push_back(server);
    }
    return all;
}

ClusterConfig with_servers_of_now(const ClusterConfig& config) {
    ClusterConfig known = with_known_servers(config);
    std::vector<ServerConfig> to_ask = config.servers;
    to_ask.insert(to_ask.end(), known.servers.begin(), known.servers.end());
    const auto view = find_members(to_ask);
    return view ? with_members(config, *view) : known;
}

std::string ids_of(const std::vector<ServerConfig>& servers) {
    std::string ids;
    for (const ServerConfig& server : servers) {
        ids += fmt::format("{}{}", ids.empty() ? "" : ", ", server.id.value());
    }
    return ids;
}

Result<ClusterConfig> load_cluster(const std::filesystem::path& config_file) {
    auto config = load_config(config_file);
    if (!config) return config.error();
    return with_servers_of_now(*config);
}

}  // namespace raftkv::cli
