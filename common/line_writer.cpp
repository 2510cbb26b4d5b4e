#include "common/line_writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

namespace raftkv::log {

namespace {

// The name of the file behind a descriptor; empty when it is none.
std::string name_behind(int fd) {
    struct stat about {};
    if (::fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink == 0) return {};
    char name[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = ::readlink(link.c_str(), name, sizeof name);
    const bool whole = size > 0 && size < static_cast<ssize_t>(sizeof name);
    return whole ? std::string(name, static_cast<std::size_t>(size)) : std::string();
}

// What of the line could be written; all of it, unless the descriptor fails.
std::size_t write_out(int fd, std::string_view line) {
    std::size_t done = 0;
    while (done < line.size()) {
        pollfd watched{fd, POLLOUT, 0};
        if (::poll(&watched, 1, -1) < 0) continue;
        const ssize_t count = ::write(fd, line.data() + done, line.size() - done);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

}  // namespace

struct LineWriter::State {
    const int fd;
    const std::string name;

    std::mutex mutex;
    std::condition_variable more;  // to do for the thread
    std::condition_variable less;  // to wait for
    std::deque<std::string> waiting;
    std::size_t waiting_bytes = 0;
    std::uint64_t lost = 0;  // lines, since it was told
    bool writing = false;
    bool reopening = false;
    bool ending = false;

    explicit State(int descriptor) : fd(descriptor), name(name_behind(descriptor)) {}

    void run();
    std::string next_line();
    void open_again();
};

// On the thread, with the mutex held. Empty when it shall end.
std::string LineWriter::State::next_line() {
    if (waiting.empty()) return {};
    std::string line = std::move(waiting.front());
    waiting.pop_front();
    waiting_bytes -= line.size();
    return line;
}

void LineWriter::State::run() {
    std::unique_lock lock(mutex);
    bool in_a_line = false;  // one was cut short
    while (true) {
        more.wait(lock, [this] { return !waiting.empty() || reopening || ending; });
        if (std::exchange(reopening, false)) {
            lock.unlock();
            open_again();
            lock.lock();
        }
        const std::string line = next_line();
        if (line.empty() && ending) return;
        if (line.empty()) continue;
        std::string text = in_a_line ? "\n" : "";
        const std::uint64_t told = std::exchange(lost, 0);
        if (told > 0) text += "(" + std::to_string(told) + " lines of this log were lost here)\n";
        text += line;
        writing = true;
        lock.unlock();
        const std::size_t written = write_out(fd, text);
        lock.lock();
        writing = false;
        if (written > 0) in_a_line = written < text.size();
        if (written < text.size()) lost += told + 1;
        if (waiting.empty()) less.notify_all();
    }
}

void LineWriter::State::open_again() {
    if (name.empty()) return;
    constexpr mode_t mode = 0600;
    const int fresh = ::open(name.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, mode);
    if (fresh >= 0) {
        ::dup2(fresh, fd);
        ::close(fresh);
        return;
    }
    const std::string why = std::generic_category().message(errno);
    write_out(fd,
              "opening " + name + " anew for this log: " + why + "; it goes on in the old file\n");
}

LineWriter::LineWriter(int fd) : state_(std::make_shared<State>(fd)) {
    // Signals are for the threads that wait for them.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread([state = state_] { state->run(); }).detach();
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LineWriter::~LineWriter() {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
    state_->more.notify_one();
}

void LineWriter::write(std::string line) {
    State& state = *state_;
    const std::lock_guard lock(state.mutex);
    if (state.waiting_bytes + line.size() > max_waiting_bytes) {
        ++state.lost;
        return;
    }
    state.waiting_bytes += line.size();
    state.waiting.push_back(std::move(line));
    state.more.notify_one();
}

void LineWriter::reopen() {
    const std::lock_guard lock(state_->mutex);
    state_->reopening = true;
    state_->more.notify_one();
}

bool LineWriter::drain(std::chrono::milliseconds at_most) {
    State& state = *state_;
    std::unique_lock lock(state.mutex);
    return state.less.wait_for(lock, at_most,
                               [&] { return state.waiting.empty() && !state.writing; });
}

}  // namespace raftkv::log
