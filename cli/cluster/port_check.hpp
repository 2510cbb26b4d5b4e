#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.hpp"
#include "common/result.hpp"

// Finds out before anything is started whether it could listen.

namespace raftkv::cli {

// Where a host of config.json is.
struct Whereabouts {
    bool is_known = false;      // its name resolves
    bool here = false;          // one of its addresses can be bound on this machine
    bool loopback_only = true;  // and all of those are loopback's, which its name does not say
    std::string address;        // that one
    std::string trouble;        // why it is not known
};
// Within a second.
Whereabouts whereabouts_of(const std::string& host);
bool is_this_machine(const std::string& host);

// An Error of kind usage for the first port of this node that is taken; it names the port, what
// for, and where it can be found out, the process that holds it.
Result<void> check_ports(const ServerConfig& server);

// Processes that listen on a TCP port, as far as this user may see: "redis-server (pid 12)".
std::vector<std::string> port_holders(std::uint16_t port);

// The inodes of the sockets that listen on `port`, from the text of /proc/net/tcp or tcp6.
std::vector<std::uint64_t> listening_inodes(std::string_view table, std::uint16_t port);

}  // namespace raftkv::cli
