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

// Whether a host of config.json is this machine: one of its addresses can be bound here.
bool is_this_machine(const std::string& host);

// An Error of kind usage for the first port of this node that is taken; it names the port, what
// for, and where it can be found out, the process that holds it.
Result<void> check_ports(const ServerConfig& server);

// Processes that listen on a TCP port, as far as this user may see: "redis-server (pid 12)".
std::vector<std::string> port_holders(std::uint16_t port);

// The inodes of the sockets that listen on `port`, from the text of /proc/net/tcp or tcp6.
std::vector<std::uint64_t> listening_inodes(std::string_view table, std::uint16_t port);

}  // namespace raftkv::cli
