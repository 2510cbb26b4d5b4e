#include "tests/system/cluster/on_terminal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <vector>

namespace raftkv::system_test {
namespace {

[[noreturn]] void become(const std::string& program, const Bed& bed, const Words& words,
                         bool color) {
    ::setenv("TERM", "xterm", 1);
    color ? ::unsetenv("NO_COLOR") : ::setenv("NO_COLOR", "1", 1);
    std::vector<std::string> all{program};
    all.insert(all.end(), words.begin(), words.end());
    std::vector<char*> raw;
    raw.reserve(all.size() + 1);
    for (std::string& word : all) raw.push_back(word.data());
    raw.push_back(nullptr);
    if (::chdir(bed.folder().c_str()) == 0) ::execv(raw[0], raw.data());
    ::_exit(127);
}

}  // namespace

OnTerminal::OnTerminal(const Bed& bed, const Words& words, bool color)
    : OnTerminal(RAFTKV_FLAKY, bed, words, color) {}

OnTerminal::OnTerminal(const std::string& program, const Bed& bed, const Words& words, bool color) {
    winsize size{24, 100, 0, 0};
    pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
    if (pid_ == 0) become(program, bed, words, color);
    ::fcntl(terminal_, F_SETFL, O_NONBLOCK);
}

OnTerminal::~OnTerminal() {
    if (!ended_) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(terminal_);
}

bool OnTerminal::shows(std::string_view text) {
    return comes_true([&] {
        take();
        std::size_t at = seen_.find(text);
        if (at != std::string::npos) seen_.erase(0, at + text.size());
        return at != std::string::npos;
    });
}

const std::string& OnTerminal::seen() {
    take();
    return seen_;
}

void OnTerminal::type(std::string_view keys) {
    ASSERT_EQ(::write(terminal_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

void OnTerminal::resize(unsigned short rows, unsigned short columns) {
    winsize size{rows, columns, 0, 0};
    ASSERT_EQ(::ioctl(terminal_, TIOCSWINSZ, &size), 0);
}

int OnTerminal::exit_code() {
    int status = 0;
    // A terminal that nobody reads would hold the program up.
    ended_ = comes_true([&] {
        take();
        return ::waitpid(pid_, &status, WNOHANG) == pid_;
    });
    EXPECT_TRUE(ended_);
    return ended_ && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void OnTerminal::take() {
    char buffer[64 << 10];
    for (ssize_t count = 0; (count = ::read(terminal_, buffer, sizeof buffer)) > 0;) {
        seen_.append(buffer, static_cast<std::size_t>(count));
    }
}

}  // namespace raftkv::system_test
