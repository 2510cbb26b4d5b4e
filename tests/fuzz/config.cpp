#include "common/config.hpp"

#include <set>
#include <string>
#include <tuple>

#include "tests/fuzz/targets.hpp"

// The input is a config.json.

namespace raftkv::fuzz {

namespace {

void check(const ClusterConfig& config) {
    always(!config.servers.empty(), "there is a server");
    always(config.data_path.is_absolute(), "the data path is absolute");
    always(config.max_value_bytes > 0, "a value may have a byte");
    always(config.heartbeat_ms > 0 && config.heartbeat_ms <= config.election_timeout_min_ms / 2 &&
               config.election_timeout_min_ms < config.election_timeout_max_ms,
           "the timeouts make sense together");
    std::set<NodeId> ids;
    std::set<std::tuple<std::string, std::string, std::uint16_t>> listeners;
    for (const ServerConfig& server : config.servers) {
        always(ids.insert(server.id).second, "ids are distinct");
        always(config.find(server.id) == &server, "a server is found by its id");
        always(!server.host.empty(), "a server has a host");
        always(server.client_port > 0 && server.log_port > 0 && server.admin_port > 0,
               "a server has ports");
        always(listeners.insert({server.host, server.host, server.client_port}).second &&
                   listeners.insert({server.host, server.host, server.log_port}).second &&
                   listeners.insert({server.host, server.admin_host, server.admin_port}).second,
               "no two listeners of a machine share a port");
    }
}

}  // namespace

void try_config(std::string_view input) {
    const std::string own(input);
    const auto config = parse_config(own, "/folder");
    if (!config) {
        always(config.error().kind == ErrorKind::usage, "what is wrong is how it was written");
        always(!config.error().message.empty(), "an error has a text");
        return;
    }
    check(*config);
}

}  // namespace raftkv::fuzz
