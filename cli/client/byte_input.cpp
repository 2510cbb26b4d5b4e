#include "cli/client/byte_input.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "cli/socket/socket.hpp"

namespace raftkv::cli::client {

namespace {

constexpr std::size_t bytes_a_read = 64 << 10;

}  // namespace

// False at the end of the input.
Result<bool> ByteInput::fill() {
    char bytes[bytes_a_read];
    while (!ended_) {
        if (wait_until(fd_, POLLIN, Deadline::max(), cancel_fd_) == WaitResult::cancelled) {
            return Error{ErrorKind::interrupted, "interrupted"};
        }
        const ssize_t count = ::read(fd_, bytes, sizeof bytes);
        if (count > 0) {
            buffer_.append(bytes, static_cast<std::size_t>(count));
            return true;
        }
        if (count == 0) ended_ = true;
        if (count < 0 && errno != EINTR && errno != EAGAIN) {
            return Error{ErrorKind::io, fmt::format("reading the input: {}",
                                                    std::generic_category().message(errno))};
        }
    }
    return false;
}

Result<bool> ByteInput::read_line(std::string& line, std::size_t limit) {
    while (true) {
        const std::size_t end = buffer_.find('\n', scanned_);
        const bool complete = end != std::string::npos;
        if ((complete ? end : buffer_.size()) > limit) {
            return Error{ErrorKind::usage, fmt::format("a line of more than {} bytes", limit)};
        }
        if (complete) {
            line.assign(buffer_, 0, end);
            buffer_.erase(0, end + 1);
            scanned_ = 0;
            return true;
        }
        scanned_ = buffer_.size();
        const auto more = fill();
        if (!more) return more.error();
        if (*more) continue;
        line = std::exchange(buffer_, {});
        scanned_ = 0;
        return !line.empty();
    }
}

Result<std::string> ByteInput::read_all(std::size_t limit) {
    while (true) {
        if (buffer_.size() > limit) {
            return Error{ErrorKind::usage, fmt::format("the input has more than {} bytes", limit)};
        }
        const auto more = fill();
        if (!more) return more.error();
        if (!*more) return std::exchange(buffer_, {});
    }
}

}  // namespace raftkv::cli::client
