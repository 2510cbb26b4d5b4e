#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/descriptor.hpp"
#include "common/result.hpp"

// A non-blocking TCP socket and the one way to wait for it: until a deadline, or until cancelled.

namespace raftkv::cli {

using Deadline = std::chrono::steady_clock::time_point;

enum class WaitResult { ready, timed_out, cancelled };

// Until poll(2) reports `events`, an error or a hang-up on `fd` (-1: nothing to wait for but the
// deadline), or `cancel_fd` is readable, or the deadline has passed.
WaitResult wait_until(int fd, short events, Deadline deadline, int cancel_fd);

// Connected, with TCP_NODELAY; the deadline covers looking the name up, too. The error names host,
// port and the reason; its kind is unavailable or interrupted.
Result<Descriptor> connect_socket(const std::string& host, std::uint16_t port, Deadline deadline,
                                  int cancel_fd);

// Errors of these two: the connection was lost or the deadline has passed (unavailable), or it was
// cancelled (interrupted).

// All of `bytes`; `sent` counts, also when that fails, how many the system took.
Result<void> send_all(const Descriptor& socket, std::string_view bytes, Deadline deadline,
                      int cancel_fd, std::size_t& sent);

// Appends what has come, up to 64 KiB, and gives its size; 0: the other end will send no more.
Result<std::size_t> receive_some(const Descriptor& socket, std::string& out, Deadline deadline,
                                 int cancel_fd);

}  // namespace raftkv::cli
