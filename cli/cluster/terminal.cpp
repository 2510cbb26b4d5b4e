#include "cli/cluster/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace raftkv::cli {

namespace {

// False when not all was taken. A terminal that has gone is no reason to stop, and one that does
// not block and takes nothing gets a moment.
bool write_all(std::string_view bytes) {
    constexpr int moment_ms = 200;
    while (!bytes.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(written));
        } else if (written == 0 || (errno != EINTR && errno != EAGAIN)) {
            return false;
        } else {
            pollfd output{STDOUT_FILENO, POLLOUT, 0};
            if (::poll(&output, 1, moment_ms) == 0) return false;
        }
    }
    return true;
}

}  // namespace

bool stdout_is_terminal() {
    const char* name = std::getenv("TERM");
    if (::isatty(STDOUT_FILENO) != 1 || !name || std::string_view(name) == "dumb") return false;
    // Without job control, as under `script`, nobody else could have it.
    pid_t owner = ::tcgetpgrp(STDOUT_FILENO);
    return owner < 0 || owner == ::getpgrp();
}

bool stdout_wants_color() {
    const char* refused = std::getenv("NO_COLOR");
    return stdout_is_terminal() && (!refused || *refused == '\0');
}

bool stdout_takes_more() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&output, 1, 0) == 1;
}

TerminalSize terminal_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
        return {};
    }
    return {size.ws_col, size.ws_row};
}

struct Screen::Saved {
    bool has_input = false;
    termios input{};
};

Screen::Screen() : saved_(std::make_unique<Saved>()) {
    saved_->has_input = ::tcgetattr(STDIN_FILENO, &saved_->input) == 0;
    if (saved_->has_input) {
        termios quiet = saved_->input;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
        quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
        quiet.c_iflag &= ~static_cast<tcflag_t>(IXON);  // nor may Ctrl-S hold it up
        ::tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
    }
    write_all("\x1b[?1049h\x1b[?25l\x1b[2J");
}

Screen::~Screen() {
    write_all("\x1b[?25h\x1b[?1049l");
    // What was typed meanwhile was not meant for the shell.
    if (saved_->has_input) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_->input);
}

void Screen::draw(const std::vector<std::string>& lines) {
    // Written over the old picture, each line cleared to its end: nothing blinks. Terminals that
    // know synchronized output (2026) show it in one go; others ignore that.
    std::string picture = "\x1b[?2026h\x1b[H";
    for (std::size_t index = 0; index < lines.size(); ++index) {
        if (index > 0) picture += "\r\n";
        picture += lines[index] + "\x1b[K";
    }
    picture += "\x1b[J\x1b[?2026l";
    if (picture == shown_ || !stdout_takes_more()) return;
    shown_.clear();
    if (write_all(picture)) shown_ = std::move(picture);
}

}  // namespace raftkv::cli
