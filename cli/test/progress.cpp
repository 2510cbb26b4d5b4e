#include "cli/test/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace raftkv::test {
namespace {

constexpr const char* clear_line = "\r\x1b[K";
constexpr std::size_t bar_width = 20;
constexpr std::size_t step_width = 56;  // so that times stand under each other

std::size_t terminal_columns(int fd) {
    if (isatty(fd) == 0) return 0;
    winsize size = {};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

std::string bar(std::size_t done, std::size_t ticks) {
    const std::size_t filled = ticks == 0 ? 0 : std::min(done, ticks) * bar_width / ticks;
    return "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "]";
}

}  // namespace

Progress Progress::on_stderr() {
    return Progress(Screen{
        [](const std::string& text) {
            std::fwrite(text.data(), 1, text.size(), stderr);
            std::fflush(stderr);
        },
        [] { return terminal_columns(STDERR_FILENO); },
    });
}

void Progress::begin(const std::string& scenario, const std::string& about, std::size_t ticks) {
    scenario_ = scenario;
    ticks_ = ticks;
    done_ = 0;
    step_.clear();
    screen_.write(fmt::format("{}: {}\n", scenario, about));
}

void Progress::step(const std::string& what) {
    finish_step(true);
    step_ = what;
    live_.clear();
    step_began_ = Clock::now();
    if (on_terminal()) {
        draw();
    } else {
        screen_.write(fmt::format("{}: {}\n", scenario_, what));
    }
}

void Progress::live(const std::string& what) {
    live_ = what;
    if (on_terminal()) {
        draw();
    } else {
        screen_.write(fmt::format("{}:   {}\n", scenario_, what));
    }
}

void Progress::tick() {
    ++done_;
    if (on_terminal()) draw();
}

void Progress::end(bool passed) {
    finish_step(passed);
}

void Progress::finish_step(bool passed) {
    if (step_.empty()) return;
    if (on_terminal()) {
        const double seconds = std::chrono::duration<double>(Clock::now() - step_began_).count();
        screen_.write(fmt::format("{}  {}  {:<{}} {:>5.1f} s\n", clear_line,
                                  passed ? "ok  " : "FAIL", step_, step_width, seconds));
    }
    step_.clear();
}

void Progress::draw() {
    std::string line = fmt::format("  {} {}", bar(done_, ticks_), step_);
    if (!live_.empty()) line += ": " + live_;
    // A line that wraps could not be replaced.
    line.resize(std::min(line.size(), screen_.columns() - 1));
    screen_.write(clear_line + line);
}

}  // namespace raftkv::test
