#include "cli/test/live_line.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace raftkv::test {

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

LiveLine::LiveLine()
    : on_terminal_(::isatty(STDERR_FILENO) != 0),
      next_(Clock::now() +
            (on_terminal_ ? std::chrono::milliseconds(500) : std::chrono::milliseconds(10'000))) {}

void LiveLine::show(const std::string& text) {
    const auto now = Clock::now();
    if (now < next_) return;
    next_ =
        now + (on_terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10'000));
    shown_ = true;
    fmt::print(stderr, "{}{}{}", on_terminal_ ? "\r\x1b[K" : "", text, on_terminal_ ? "" : "\n");
    std::fflush(stderr);
}

void LiveLine::clear() {
    if (shown_ && on_terminal_) std::fputs("\r\x1b[K", stderr);
    shown_ = false;
}

}  // namespace raftkv::test
