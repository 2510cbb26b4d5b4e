#include "tests/system/client/program.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <utility>

#include "common/check.hpp"

namespace raftkv::test {

namespace {

using Clock = std::chrono::steady_clock;

// Only in a child, between fork and exec.
[[noreturn]] void become_program(const Folder& folder, const std::string& command,
                                 const Arguments& arguments) {
    std::vector<std::string> words{RAFTKV_BINARY, command};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> raw;
    for (std::string& word : words) raw.push_back(word.data());
    raw.push_back(nullptr);
    if (::chdir(folder.path().c_str()) == 0) ::execv(raw[0], raw.data());
    ::_exit(127);
}

struct PipeEnds {
    Descriptor out;
    Descriptor in;
};

PipeEnds make_pipe() {
    int ends[2];
    RAFTKV_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// False at the end.
bool take(const Descriptor& from, std::string& to) {
    char bytes[64 << 10];
    const ssize_t count = ::read(from.get(), bytes, sizeof bytes);
    if (count > 0) to.append(bytes, static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && errno == EINTR);
}

// False when nothing more can be given.
bool give(const Descriptor& to, std::string_view& rest) {
    const ssize_t count = ::write(to.get(), rest.data(), rest.size());
    if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
    return count > 0 && !rest.empty();
}

// Feeds and drains a child until it has closed both its outputs, or the deadline.
void converse(PipeEnds& in, PipeEnds& out, PipeEnds& err, std::string_view input,
              ProgramResult& result) {
    const auto deadline = Clock::now() + patience;
    if (input.empty()) in.in = Descriptor();
    while ((out.out.get() >= 0 || err.out.get() >= 0) && Clock::now() < deadline) {
        pollfd watched[3] = {
            {out.out.get(), POLLIN, 0}, {err.out.get(), POLLIN, 0}, {in.in.get(), POLLOUT, 0}};
        ::poll(watched, 3, 100);
        if (watched[0].revents != 0 && !take(out.out, result.out)) out.out = Descriptor();
        if (watched[1].revents != 0 && !take(err.out, result.err)) err.out = Descriptor();
        if (watched[2].revents != 0 && !give(in.in, input)) in.in = Descriptor();
    }
}

}  // namespace

Folder::Folder() {
    std::string pattern = testing::TempDir() + "raftkv-client-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void Folder::write(std::string_view name, std::string_view content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
}

int wait_for_exit(pid_t pid) {
    // A descriptor for the process, so that its end can be waited for with a deadline.
    const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const auto waited = cli::wait_until(process.get(), POLLIN, Clock::now() + patience, -1);
    if (waited != cli::WaitResult::ready) {
        ADD_FAILURE() << "the program did not end";
        ::kill(pid, SIGKILL);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

namespace {

ProgramResult run_child(const Folder& folder, const Arguments& arguments, std::string_view input,
                        const std::vector<int>& closed) {
    ::signal(SIGPIPE, SIG_IGN);  // a program may end before it has read its input
    PipeEnds in = make_pipe();
    PipeEnds out = make_pipe();
    PipeEnds err = make_pipe();
    const pid_t pid = ::fork();
    RAFTKV_CHECK(pid >= 0);
    if (pid == 0) {
        ::signal(SIGPIPE, SIG_DFL);
        ::dup2(in.out.get(), STDIN_FILENO);
        ::dup2(out.in.get(), STDOUT_FILENO);
        ::dup2(err.in.get(), STDERR_FILENO);
        for (const int fd : closed) ::close(fd);
        become_program(folder, "client", arguments);
    }
    in.out = Descriptor();
    out.in = Descriptor();
    err.in = Descriptor();
    ProgramResult result;
    converse(in, out, err, input, result);
    result.exit = wait_for_exit(pid);
    return result;
}

}  // namespace

ProgramResult run(const Folder& folder, const Arguments& arguments, std::string_view input) {
    return run_child(folder, arguments, input, {});
}

ProgramResult run_with_closed(const std::vector<int>& closed, const Folder& folder,
                              const Arguments& arguments) {
    return run_child(folder, arguments, "", closed);
}

NodeProcess::NodeProcess(const Folder& folder, int id) {
    const std::string name = std::to_string(id);
    const Descriptor log(::open((folder.path() / ("node-" + name + ".log")).c_str(),
                                O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    pid_ = ::fork();
    RAFTKV_CHECK(pid_ >= 0);
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no node outlives a test that was killed
        ::dup2(log.get(), STDOUT_FILENO);
        ::dup2(log.get(), STDERR_FILENO);
        become_program(folder, "node", {name});
    }
}

NodeProcess::~NodeProcess() {
    kill();
}

void NodeProcess::kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    wait_for_exit(std::exchange(pid_, -1));
}

Terminal::Terminal(const Folder& folder, const Arguments& arguments, bool colors) {
    winsize size{};
    size.ws_row = 24;
    size.ws_col = 100;
    int terminal = -1;
    pid_ = ::forkpty(&terminal, nullptr, nullptr, &size);
    RAFTKV_CHECK(pid_ >= 0);
    if (pid_ == 0) {
        ::setenv("HOME", folder.path().c_str(), 1);
        ::setenv("TERM", "xterm", 1);
        ::unsetenv("XDG_STATE_HOME");
        if (colors) {
            ::unsetenv("NO_COLOR");
        } else {
            ::setenv("NO_COLOR", "1", 1);
        }
        become_program(folder, "client", arguments);
    }
    terminal_ = Descriptor(terminal);
}

Terminal::~Terminal() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Terminal::type(std::string_view keys) {
    RAFTKV_CHECK(::write(terminal_.get(), keys.data(), keys.size()) ==
                 static_cast<ssize_t>(keys.size()));
}

void Terminal::resize(unsigned short columns, unsigned short rows) {
    winsize size{};
    size.ws_row = rows;
    size.ws_col = columns;
    RAFTKV_CHECK(::ioctl(terminal_.get(), TIOCSWINSZ, &size) == 0);
}

void Terminal::send(int signal) {
    ::kill(pid_, signal);
}

bool Terminal::is_in_order() const {
    termios now{};
    constexpr tcflag_t wanted = ECHO | ICANON | ISIG;
    return ::tcgetattr(terminal_.get(), &now) == 0 && (now.c_lflag & wanted) == wanted;
}

std::string Terminal::expect(std::string_view text) {
    const auto deadline = Clock::now() + patience;
    while (true) {
        const std::size_t at = seen_.find(text);
        if (at != std::string::npos) {
            std::string before = seen_.substr(0, at + text.size());
            seen_.erase(0, at + text.size());
            return before;
        }
        const auto waited = cli::wait_until(terminal_.get(), POLLIN, deadline, -1);
        if (waited != cli::WaitResult::ready || !take(terminal_, seen_)) {
            ADD_FAILURE() << "\"" << text << "\" did not come; there was: " << seen_;
            return seen_;
        }
    }
}

int Terminal::exit() {
    // A terminal that nobody reads holds its program up.
    const auto deadline = Clock::now() + patience;
    while (cli::wait_until(terminal_.get(), POLLIN, deadline, -1) == cli::WaitResult::ready) {
        if (!take(terminal_, seen_)) break;
    }
    return wait_for_exit(std::exchange(pid_, -1));
}

}  // namespace raftkv::test
