#include "node/server/member_address.hpp"

#include <utility>

namespace raftkv::server {
namespace {

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

}  // namespace

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
