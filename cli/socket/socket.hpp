#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/descriptor.hpp"
#include "common/result.hpp"

// A non-blocking TCP socket and the one way to wait for it: until a deadline, or until cancelled.

namespace raftkv::cli {

using Deadline = std::chrono::steady_clock::time_point;

enum class WaitResult { ready, timed_out, cancelled };

// Until poll(2) reports `events`, an error or a hang-up on `fd` (-1: nothing to wait for but the
// deadline), or `cancel_fd` is readable, or the deadline has passed.
WaitResult wait_until(int fd, short events, Deadline deadline, int cancel_fd);

struct HostAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};
// All addresses of a host, with this port. A name server that does not answer holds nobody up
// beyond the deadline; the error names host, port and the reason.
Result<std::vector<HostAddress>> resolve_host(const std::string& host, std::uint16_t port,
                                              Deadline deadline, int cancel_fd = -1);

// Connected, with TCP_NODELAY; the deadline covers looking the name up, too. The error names host,
// port and the reason; its kind is unavailable or interrupted.
Result<Descriptor> connect_socket(const std::string& host, std::uint16_t port, Deadline deadline,
                                  int cancel_fd);

// Whether an error of connect_socket() says that the machine answered, and nobody listens there.
bool says_nobody_listens(const Error& error);

// Whether one of the addresses of this host is this machine's own. False when the name does not
// resolve before the deadline.
bool is_own_host(const std::string& host, Deadline deadline);
// "localhost", 127.0.0.1, ::1: what each machine calls itself. Looks nothing up.
bool is_loopback_host(const std::string& host);

// Errors of these two: the connection was lost or the deadline has passed (unavailable), or it was
// cancelled (interrupted).

// All of `bytes`; `sent` counts, also when that fails, how many the system took.
Result<void> send_all(const Descriptor& socket, std::string_view bytes, Deadline deadline,
                      int cancel_fd, std::size_t& sent);

// Appends what has come, up to 64 KiB, and gives its size; 0: the other end will send no more.
Result<std::size_t> receive_some(const Descriptor& socket, std::string& out, Deadline deadline,
                                 int cancel_fd);

}  // namespace raftkv::cli
