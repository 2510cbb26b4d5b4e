#include "cli/admin/known_members.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/admin/member_ids.hpp"
#include "cli/command_line/json_text.hpp"
#include "common/cluster_record.hpp"
#include "common/private_files.hpp"
#include "common/server_moves.hpp"

namespace raftkv::cli {

namespace {

// Which folder it is, whatever its name: a copy is another one.
std::string name_of_folder(const std::filesystem::path& folder) {
    struct stat about = {};
    if (::stat(folder.c_str(), &about) != 0) return "";
    return fmt::format("{}:{}", about.st_dev, about.st_ino);
}

// What somebody copied along with the folder speaks of other nodes than those of the copy.
bool is_of(const std::string& text, const std::filesystem::path& data) {
    const auto object = nlohmann::json::parse(text, nullptr, false);
    const auto folder = object.find("path");
    return folder == object.end() || *folder == name_of_folder(data);
}

}  // namespace

std::uint64_t cluster_in(const std::filesystem::path& data) {
    const auto record = find_cluster_record(data, std::nullopt);
    return record ? record->cluster : 0;
}

Result<MembersView> find_members(const ClusterConfig& config) {
    return find_members(config.servers, cluster_in(config.data_path));
}

std::vector<NodeAnswer> ask_nodes(const ClusterConfig& config, std::chrono::milliseconds timeout) {
    return ask_nodes(config.servers, timeout, cluster_in(config.data_path));
}

Result<void> change_members(const ClusterConfig& config, const std::string& order) {
    return change_members(config.servers, order, cluster_in(config.data_path));
}

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
    if (!view || !is_of(text, data)) return std::nullopt;
    const std::uint64_t cluster = cluster_in(data);
    if (cluster != 0 && view->cluster_id != cluster) return std::nullopt;
    return std::move(*view);
}

Result<void> save_known_members(const std::filesystem::path& data, const MembersView& view) {
    const std::string name = members_file(data).string();
    const auto failed = [&](const std::string& what) {
        return Error{ErrorKind::io, fmt::format("writing {}: {}", name, what)};
    };
    const std::string temporary = name + ".tmp";
    auto object = nlohmann::ordered_json::parse(members_json(view));
    object["path"] = name_of_folder(data);
    if (!write_private_file(temporary, json_text(object) + "\n"))
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
        const ServerConfig* configured = config.find(member.where.id);
        if (configured == nullptr) continue;
        // Of the first members config.json says where they are, also when that was changed since.
        const bool votes = servers.back().votes;
        if (!member.in_log) servers.back() = *configured;
        servers.back().votes = votes;
        servers.back().priority = configured->priority;
    }
    if (!servers.empty()) config.servers = std::move(servers);
    return config;
}

ClusterConfig with_known_servers(const ClusterConfig& config) {
    const auto known = load_known_members(config.data_path);
    return with_moves(known ? with_members(config, *known) : config);
}

ClusterConfig with_all_servers(const ClusterConfig& config) {
    ClusterConfig all = with_known_servers(config);
    for (const ServerConfig& server : config.servers) {
        if (all.find(server.id) == nullptr) all.servers.push_back(server);
    }
    return all;
}

ClusterConfig with_servers_of_now(const ClusterConfig& config) {
    auto view = find_members(config);
    if (view && view->cluster_id != 0) return with_members(config, *view);
    ClusterConfig known = with_known_servers(config);
    view = find_members(known);
    return view && view->cluster_id != 0 ? with_members(config, *view) : known;
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
