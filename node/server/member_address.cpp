#include "node/server/member_address.hpp"

namespace raftkv::server {

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

}  // namespace raftkv::server
