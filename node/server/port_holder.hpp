#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace raftkv::server {

// Which process listens on a TCP port of this machine, as far as /proc tells the caller:
// "pid 4711 (redis-server)". For error messages.
std::optional<std::string> holder_of_port(std::uint16_t port);

}  // namespace raftkv::server
