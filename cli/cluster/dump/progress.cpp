#include "cli/cluster/dump/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace raftkv::cli::dump {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t bar_width = 20;
constexpr std::chrono::milliseconds first_after{300};
constexpr std::chrono::milliseconds pace{100};

}  // namespace

std::string progress_line(const std::string& what, std::uint64_t done, std::uint64_t total,
                          double seconds, const std::string& unit) {
    const double rate = static_cast<double>(done) / std::max(seconds, 1e-3);
    if (total == 0) return fmt::format("{}  {} {}, {:.0f} a second", what, done, unit, rate);
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    const auto filled = static_cast<std::size_t>(share * bar_width);
    std::string line = fmt::format("{}  [{}{}] {:3.0f} %  {} of {} {}, {:.0f} a second", what,
                                   std::string(filled, '='), std::string(bar_width - filled, ' '),
                                   share * 100, done, total, unit, rate);
    if (done > 0 && done < total)
        line += fmt::format(", {:.0f} s left", static_cast<double>(total - done) / rate);
    return line;
}

Progress::Progress(std::string what, std::uint64_t total, std::string unit)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      on_terminal_(::isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      next_(start_ + first_after) {}

Progress::~Progress() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(std::uint64_t done) {
    const auto now = Clock::now();
    if (!on_terminal_ || now < next_) return;
    next_ = now + pace;
    shown_ = true;
    const std::chrono::duration<double> since = now - start_;
    fmt::print(stderr, "\r\x1b[K{}", progress_line(what_, done, total_, since.count(), unit_));
    std::fflush(stderr);
}

}  // namespace raftkv::cli::dump
