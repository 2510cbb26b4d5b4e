#include "common/config_checks.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace raftkv {
namespace {

Error usage(std::string message) {
    return {ErrorKind::usage, std::move(message)};
}

// One socket that a server listens on.
struct Listener {
    const ServerConfig* server;
    std::string_view key;  // that gave the port
    const std::string* host;
    std::uint16_t port;
};

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool is_wildcard(std::string_view host) {
    return host == "0.0.0.0" || host == "::";
}

// Names of other machines are only compared: to resolve them is the node's business, and may wait
// for a network.
bool same_machine(const ServerConfig& a, const ServerConfig& b) {
    return a.host == b.host || (is_loopback(a.host) && is_loopback(b.host));
}

bool same_address(std::string_view a, std::string_view b) {
    const auto first_loopback = [](std::string_view host) {
        return host == "127.0.0.1" || host == "::1";
    };
    return a == b || is_wildcard(a) || is_wildcard(b) || (a == "localhost" && first_loopback(b)) ||
           (b == "localhost" && first_loopback(a));
}

bool clash(const Listener& a, const Listener& b) {
    return a.port == b.port && same_machine(*a.server, *b.server) && same_address(*a.host, *b.host);
}

std::string described(const Listener& listener) {
    return fmt::format("{} of server {}", listener.key, listener.server->id.value());
}

Result<void> check_ids(const std::vector<ServerConfig>& servers) {
    for (std::size_t i = 0; i < servers.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (servers[i].id != servers[j].id) continue;
            return usage(fmt::format("Servers[{}] and Servers[{}] have the same Id, {}", j, i,
                                     servers[i].id.value()));
        }
    }
    return {};
}

Result<void> check_ports(const std::vector<ServerConfig>& servers) {
    std::vector<Listener> listeners;
    for (const ServerConfig& server : servers) {
        listeners.push_back({&server, "ClientPort", &server.host, server.client_port});
        listeners.push_back({&server, "LogPort", &server.host, server.log_port});
        listeners.push_back({&server, "AdminPort", &server.admin_host, server.admin_port});
    }
    for (std::size_t i = 0; i < listeners.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (!clash(listeners[i], listeners[j])) continue;
            const bool admin = listeners[i].key == "AdminPort" || listeners[j].key == "AdminPort";
            return usage(fmt::format(
                "{} and {} are both {} on {}; change one of them{}", described(listeners[j]),
                described(listeners[i]), listeners[i].port, *listeners[i].host,
                admin ? " (AdminPort, when not given, is ClientPort + 100)" : ""));
        }
    }
    return {};
}

Result<void> check_timeouts(const ClusterConfig& config) {
    const std::uint32_t low = config.election_timeout_min_ms;
    const std::uint32_t high = config.election_timeout_max_ms;
    if (low >= high) {
        return usage(fmt::format(
            "ElectionTimeoutMinMs is {} and ElectionTimeoutMaxMs {}: the first must be less, or "
            "servers would stand for election at the same moment again and again",
            low, high));
    }
    if (config.heartbeat_ms > low / 2) {
        return usage(
            fmt::format("HeartbeatMs is {} and ElectionTimeoutMinMs {}: it must be at most half of "
                        "that, or one "
                        "late heartbeat would start an election",
                        config.heartbeat_ms, low));
    }
    return {};
}

}  // namespace

Result<void> check_config(const ClusterConfig& config) {
    if (config.servers.empty()) return usage("Servers is empty; it needs at least one server");
    if (config.servers.size() > max_servers) {
        return usage(fmt::format("Servers has {} entries; at most {} are supported",
                                 config.servers.size(), max_servers));
    }
    Result<void> checked = check_ids(config.servers);
    if (checked) checked = check_ports(config.servers);
    if (checked) checked = check_timeouts(config);
    return checked;
}

}  // namespace raftkv
