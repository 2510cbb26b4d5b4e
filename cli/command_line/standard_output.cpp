#include "cli/command_line/standard_output.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <system_error>

#include "common/check.hpp"

namespace raftkv::cli {

namespace {

std::atomic<int> output_failure{0};  // an errno
std::atomic<int> output_cancel_fd{-1};

// False when waiting was cancelled.
bool wait_for_room(int fd, int cancel_fd) {
    while (true) {
        pollfd watched[2] = {{fd, POLLOUT, 0}, {cancel_fd, POLLIN, 0}};
        const int count = ::poll(watched, 2, -1);
        if (count < 0) continue;
        if (watched[0].revents != 0) return true;
        if (watched[1].revents != 0) return false;
    }
}

// 0 or an errno.
int write_all(int fd, int cancel_fd, const char* bytes, std::size_t size) {
    while (size > 0) {
        if (!wait_for_room(fd, cancel_fd)) return EINTR;
        // A pipe with room has it for so much, and a longer write would wait for a reader in there.
        const std::size_t piece = cancel_fd < 0 ? size : std::min<std::size_t>(size, PIPE_BUF);
        const ssize_t count = ::write(fd, bytes, piece);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count < 0) return errno;
        bytes += count;
        size -= static_cast<std::size_t>(count);
    }
    return 0;
}

ssize_t write_to_stdout(void*, const char* bytes, std::size_t size) {
    if (output_failure == 0) {
        output_failure = write_all(STDOUT_FILENO, output_cancel_fd, bytes, size);
    }
    return static_cast<ssize_t>(size);
}

// Where errors go, nobody can be told that they did not arrive.
ssize_t write_to_stderr(void*, const char* bytes, std::size_t size) {
    write_all(STDERR_FILENO, -1, bytes, size);
    return static_cast<ssize_t>(size);
}

std::FILE* open_stream(cookie_write_function_t* write) {
    cookie_io_functions_t functions{};
    functions.write = write;
    std::FILE* stream = ::fopencookie(nullptr, "w", functions);
    RAFTKV_CHECK(stream != nullptr);
    return stream;
}

}  // namespace

void take_over_standard_streams() {
    ::signal(SIGPIPE, SIG_IGN);
    // The GNU C library has variables there, and says that they may be set.
    stdout = open_stream(write_to_stdout);
    stderr = open_stream(write_to_stderr);
    std::setvbuf(stderr, nullptr, _IONBF, 0);
    if (::isatty(STDOUT_FILENO) != 0) std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
}

bool output_works() {
    return std::ferror(stdout) == 0 && output_failure == 0;
}

CancelOutput::CancelOutput(int cancel_fd) {
    RAFTKV_CHECK(output_cancel_fd.exchange(cancel_fd) == -1);
}

CancelOutput::~CancelOutput() {
    output_cancel_fd = -1;
}

ExitCode finish_output(ExitCode exit) {
    std::fflush(stdout);
    if (output_works() || exit == ExitCode::interrupted) return exit;
    if (output_failure == EINTR) return ExitCode::interrupted;
    if (output_failure != EPIPE) {
        fmt::print(stderr, "raftkv: writing the output: {}\n",
                   std::generic_category().message(output_failure));
    }
    return ExitCode::io;
}

}  // namespace raftkv::cli
