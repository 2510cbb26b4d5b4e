#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace raftkv::standin {

// Listens on the port of 127.0.0.1 and serves each connection on a thread of its own, for ever.
// `serve` gets the connected socket, which is closed when it returns. Ends the process when the
// port is taken.
void serve_connections(std::uint16_t port, const std::function<void(int socket)>& serve);

// Appends what arrives; false at the end of the stream.
bool receive_some(int socket, std::string& buffer);
bool send_all(int socket, const std::string& bytes);

}  // namespace raftkv::standin
