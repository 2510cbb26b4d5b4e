#include "node/server/member_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "common/log.hpp"

namespace raftkv::server {
namespace {

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

bool is_loopback(const std::string& host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// As far as names tell: nobody is asked what they mean.
bool is_same_machine(const std::string& one, const std::string& other) {
    return lower(one) == lower(other) || (is_loopback(lower(one)) && is_loopback(lower(other)));
}

// The port of `to` that `other` has, too.
std::optional<std::uint16_t> common_port(const raft::MemberAddress& to, const ServerConfig& other) {
    if (!is_same_machine(to.host, other.host)) return std::nullopt;
    for (const std::uint16_t wanted : std::array{to.client_port, to.log_port, to.admin_port})
        for (const std::uint16_t taken :
             std::array{other.client_port, other.log_port, other.admin_port})
            if (wanted == taken) return wanted;
    return std::nullopt;
}

struct Place {
    NodeId id;
    const raft::MemberAddress* address = nullptr;
};

Place place_in(const raft::MemberChange& change) {
    if (const auto* add = std::get_if<raft::AddMember>(&change)) return {add->id, &add->address};
    if (const auto* move = std::get_if<raft::MoveMember>(&change))
        return {move->id, &move->address};
    if (const auto* replace = std::get_if<raft::ReplaceMember>(&change))
        return {replace->add.id, &replace->add.address};
    return {};
}

}  // namespace

std::optional<std::string> taken_address(const raft::MemberChange& change,
                                         const raft::Membership& members,
                                         const ClusterConfig& config) {
    const Place place = place_in(change);
    if (place.address == nullptr) return std::nullopt;
    for (const raft::Member& member : members.members) {
        const auto where = address_of(member, config);
        if (member.id == place.id || !where) continue;
        if (const auto port = common_port(*place.address, *where))
            return fmt::format(
                "refused: port {} of {} is that of member node {} already; give "
                "node {} ports of its own",
                *port, where->host, member.id.value(), place.id.value());
    }
    return std::nullopt;
}

std::optional<ServerConfig> address_of(const raft::Member& member, const ClusterConfig& config) {
    const ServerConfig* configured = config.find(member.id);
    if (!member.address) {
        return configured ? std::optional(*configured) : std::nullopt;
    }
    ServerConfig server;
    server.id = member.id;
    server.host = member.address->host;
    server.client_port = member.address->client_port;
    server.log_port = member.address->log_port;
    server.admin_port = member.address->admin_port;
    server.admin_host = member.address->admin_host;
    if (configured) server.priority = configured->priority;
    return server;
}

void warn_of_loopback(const raft::Membership& members, const ClusterConfig& config,
                      const ServerConfig& self, const std::string& address) {
    const auto is_elsewhere = [&](const raft::Member& member) {
        const auto where = address_of(member, config);
        return where && !is_same_machine(where->host, self.host) && !is_loopback(where->host);
    };
    if (std::none_of(members.members.begin(), members.members.end(), is_elsewhere)) return;
    log::warn(fmt::format(
        "the host name \"{0}\" resolves to {1} only, a loopback address, so no other machine can "
        "connect to LogPort {2}: give {0} its address of the network in /etc/hosts or the name "
        "server, or put that address into config.json",
        self.host, address, self.log_port));
}

std::vector<std::string> host_names(const raft::Membership& members, const ClusterConfig& config,
                                    const ServerConfig& self) {
    std::vector<std::string> names{self.host, self.admin_host};
    for (const ServerConfig& server : config.servers) {
        names.push_back(server.host);
        names.push_back(server.admin_host);
    }
    for (const raft::Member& member : members.members) {
        if (!member.address) continue;
        names.push_back(member.address->host);
        names.push_back(member.address->admin_host);
    }
    for (std::string& name : names) name = lower(std::move(name));
    return names;
}

}  // namespace raftkv::server
