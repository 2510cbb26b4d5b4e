#include "common/check.hpp"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

#include "common/log_control.hpp"

namespace raftkv {

namespace {

std::atomic<CheckHandler> check_handler = nullptr;

}  // namespace

void set_check_handler(CheckHandler handler) {
    check_handler = handler;
}

void check_failed(const char* expression, const char* file, int line) {
    if (CheckHandler handler = check_handler) handler(expression, file, line);
    log::flush();
    const std::string text = std::string("raftkv: invariant broken: ") + expression + " (" + file +
                             ":" + std::to_string(line) + ")\n";
    // A pipe that nobody reads is no reason to stay.
    constexpr int moment_ms = 100;
    pollfd err{STDERR_FILENO, POLLOUT, 0};
    const bool takes_it = ::poll(&err, 1, moment_ms) == 1;
    [[maybe_unused]] const ssize_t ignored =
        takes_it ? ::write(STDERR_FILENO, text.data(), text.size()) : 0;
    std::abort();
}

}  // namespace raftkv
