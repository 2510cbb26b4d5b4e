#include "cli/client/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "cli/admin/known_members.hpp"
#include "cli/admin/member_ids.hpp"
#include "cli/socket/same_host.hpp"

namespace raftkv::cli::client {

namespace {

// As `raftkv cluster` and the nodes have it when the configuration is silent.
constexpr int admin_port_distance = 100;

bool is_address(std::string_view node) {
    return node.find(':') != std::string_view::npos;
}

Target from_config(const ClusterConfig& config, const TargetOptions& options) {
    Target target;
    target.nodes = with_known_servers(config).servers;
    target.cluster = cluster_in(config.data_path);
    target.max_value_bytes = config.max_value_bytes;
    target.source = options.config.string();
    return target;
}

// The one of the configuration that listens at this address, under whatever name of the host.
const ServerConfig* find_address(const Target& target, const ServerConfig& address) {
    constexpr std::chrono::seconds looked_up_within{2};
    const Deadline deadline = std::chrono::steady_clock::now() + looked_up_within;
    const auto found =
        std::find_if(target.nodes.begin(), target.nodes.end(), [&](const ServerConfig& node) {
            return node.client_port == address.client_port &&
                   is_same_host(node.host, address.host, deadline);
        });
    return found == target.nodes.end() ? nullptr : &*found;
}

Result<Target> start_at_address(Result<ClusterConfig> config, const TargetOptions& options) {
    const auto address = parse_address(options.node);
    if (!address) {
        return Error{ErrorKind::usage, fmt::format("--node {}: this is no host:port, as in "
                                                   "localhost:9000 or [::1]:9000",
                                                   options.node)};
    }
    if (!config && options.config_given) return config.error();
    Target target;
    if (config) target = from_config(*config, options);
    if (const ServerConfig* known = find_address(target, *address)) {
        target.start_at = static_cast<std::size_t>(known - target.nodes.data());
        return target;
    }
    target = {};
    target.nodes = {*address};
    target.start_at = 0;
    target.source = options.node;
    return target;
}

}  // namespace

std::optional<ServerConfig> parse_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return std::nullopt;  // an IPv6 address: without brackets nobody knows where its port
                              // begins
    }
    ServerConfig server;
    server.id = unknown_node;
    server.host = host;
    const auto [end, failure] =
        std::from_chars(port.data(), port.data() + port.size(), server.client_port);
    const bool number = failure == std::errc() && end == port.data() + port.size();
    if (host.empty() || !number || server.client_port == 0) return std::nullopt;
    server.admin_host = server.host;
    const int admin_port = server.client_port + admin_port_distance;
    server.admin_port = static_cast<std::uint16_t>(admin_port <= 0xffff ? admin_port : 0);
    return server;
}

const ServerConfig* Target::find(std::string_view node) const {
    const auto found = std::find_if(nodes.begin(), nodes.end(), [&](const ServerConfig& server) {
        const bool has_id = server.id != unknown_node;
        return (has_id && node == std::to_string(server.id.value())) ||
               node == endpoint_of(server).address();
    });
    return found == nodes.end() ? nullptr : &*found;
}

std::vector<Endpoint> Target::endpoints() const {
    std::vector<Endpoint> all;
    for (const ServerConfig& server : nodes) all.push_back(endpoint_of(server));
    return all;
}

std::string Target::advice() const {
    if (nodes.size() == 1 && nodes.front().id == unknown_node) return {};
    return fmt::format(
        "If the cluster runs, all of its servers that are known from {} were "
        "replaced since: name one of its nodes with --node host:port",
        source);
}

Target with_members_of_now(const Target& known) {
    Target target = known;
    target.start_at.reset();
    const auto members = find_members(known.nodes, known.cluster);
    if (!members) return target;
    ClusterConfig config;
    config.servers = std::move(target.nodes);
    target.nodes = with_members(std::move(config), *members).servers;
    return target;
}

Result<Target> choose_target(const TargetOptions& options) {
    auto config = load_config(options.config);
    if (is_address(options.node)) return start_at_address(std::move(config), options);
    if (!config) {
        if (options.config_given) return config.error();
        return Error{ErrorKind::usage,
                     config.error().message +
                         "\n  Go to the folder of the cluster, name its file with --config, or one "
                         "of its nodes with --node host:port."};
    }
    Target target = from_config(*config, options);
    if (options.node.empty()) return target;
    const ServerConfig* known = target.find(options.node);
    if (known == nullptr) {
        target.nodes = with_servers_of_now(*config).servers;
        known = target.find(options.node);
    }
    if (known == nullptr) {
        return Error{ErrorKind::usage,
                     fmt::format("there is no node {} in the cluster of {}; its members are {}",
                                 options.node, target.source, ids_of(target.nodes))};
    }
    target.start_at = static_cast<std::size_t>(known - target.nodes.data());
    return target;
}

}  // namespace raftkv::cli::client
