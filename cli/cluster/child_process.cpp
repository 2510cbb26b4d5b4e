#include "cli/cluster/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>

// What this version of Process v2 uses without including it.
#include <boost/asio/detail/throw_error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/optional.hpp>
#include <boost/type_traits/decay.hpp>
#include <boost/type_traits/remove_pointer.hpp>
// Then the library itself; std::filesystem spares linking Boost's.
#include <boost/process/v2/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/start_dir.hpp>
#include <boost/process/v2/stdio.hpp>

#include "common/descriptor.hpp"

namespace raftkv::cli {

namespace {

namespace process = boost::process::v2;

// Runs in the child between fork and exec: only calls that are safe there.
struct ChildSetup {
    pid_t owner;
    bool dies_with_owner;
    bool new_session;

    process::error_code on_exec_setup(process::posix::default_launcher&,
                                      const process::filesystem::path&, const char* const*) const {
        if (new_session && ::setsid() < 0) return last_error();
        if (dies_with_owner && !tie_to_owner()) return last_error();
        clear_signals();
        // The launcher means to close what is not inherited, but misses what lies below its own
        // pipe. Nothing is closed here yet: it still needs that.
        constexpr unsigned first_not_inherited = STDERR_FILENO + 1;
        if (::close_range(first_not_inherited, ~0U, CLOSE_RANGE_CLOEXEC) != 0) return last_error();
        return {};
    }

    // The launcher would run this program's exit handlers in the child.
    void on_exec_error(process::posix::default_launcher&, const process::filesystem::path&,
                       const char* const*, const process::error_code&) const {
        ::_exit(127);
    }

  private:
    static process::error_code last_error() { return {errno, process::system_category()}; }

    bool tie_to_owner() const {
        if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
        // The owner may have died before the call above could notice.
        if (::getppid() != owner) ::_exit(127);
        return true;
    }

    static void clear_signals() {
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        for (int number : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGTSTP, SIGCHLD}) {
            ::signal(number, SIG_DFL);
        }
    }
};

Error start_error(const ChildSpec& spec, const std::string& reason) {
    return Error{ErrorKind::io, fmt::format("cannot start {}: {}", spec.program.string(), reason)};
}

ChildEnd end_of(int status) {
    ChildEnd end;
    end.signalled = WIFSIGNALED(status);
    end.code = end.signalled ? WTERMSIG(status) : WEXITSTATUS(status);
    end.core_dumped = end.signalled && WCOREDUMP(status);
    return end;
}

// Starts the program and gives its pid. The library's process object is let go at once: it cannot
// send any signal, nor tell an exit code from a signal, so this file waits and signals itself.
Result<pid_t> launch(const ChildSpec& spec, int output) {
    boost::asio::io_context context;
    process::posix::default_launcher launcher;
    process::error_code ec;
    ChildSetup setup{::getpid(), spec.dies_with_owner, spec.new_session};
    auto folder = spec.working_folder.empty() ? std::filesystem::path(".") : spec.working_folder;
    process::process child = launcher(context.get_executor(), ec, spec.program, spec.arguments,
                                      process::process_start_dir(folder),
                                      process::process_stdio{nullptr, output, output}, setup);
    if (ec) {
        // The library forgets a child whose exec failed; nobody else would collect it.
        if (launcher.pid > 0) ::waitpid(launcher.pid, nullptr, 0);
        return start_error(spec, ec.message());
    }
    pid_t pid = child.id();
    (void)child.detach();
    return pid;
}

}  // namespace

std::string describe(const ChildEnd& end) {
    if (!end.signalled) return fmt::format("exit code {}", end.code);
    const char* abbreviation = ::sigabbrev_np(end.code);
    return fmt::format("signal {} (SIG{}){}", end.code, abbreviation ? abbreviation : "?",
                       end.core_dumped ? ", core dumped" : "");
}

struct ChildProcess::State {
    State(pid_t child, int pidfd, bool dies) : pid(child), handle(pidfd), dies_with_owner(dies) {}

    pid_t pid;
    Descriptor handle;  // a pidfd
    bool dies_with_owner;
    std::optional<ChildEnd> end;
};

Result<ChildProcess> ChildProcess::start(const ChildSpec& spec) {
    Descriptor output(
        ::open(spec.output_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (output.get() < 0) {
        return start_error(spec, fmt::format("opening {} for its output: {}",
                                             spec.output_file.string(), std::strerror(errno)));
    }
    try {
        auto pid = launch(spec, output.get());
        if (!pid) return pid.error();
        int handle = static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0));
        if (handle < 0) {
            std::string reason = std::strerror(errno);
            ::kill(*pid, SIGKILL);
            ::waitpid(*pid, nullptr, 0);
            return start_error(spec, "pidfd_open: " + reason);
        }
        return ChildProcess(std::make_unique<State>(*pid, handle, spec.dies_with_owner));
    } catch (const std::exception& error) {
        return start_error(spec, error.what());
    }
}

ChildProcess::ChildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    // The temporary ends the child that this object owned before.
    ChildProcess old(std::exchange(state_, std::move(other.state_)));
    return *this;
}

ChildProcess::~ChildProcess() {
    if (state_ && state_->dies_with_owner) kill();
}

pid_t ChildProcess::pid() const {
    return state_->pid;
}

bool ChildProcess::signal(int number) {
    if (poll()) return false;
    return ::syscall(SYS_pidfd_send_signal, state_->handle.get(), number, nullptr, 0) == 0;
}

std::optional<ChildEnd> ChildProcess::wait_for(std::chrono::milliseconds timeout) {
    if (state_->end) return state_->end;
    auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        int status = 0;
        pid_t ended = ::waitpid(state_->pid, &status, WNOHANG);
        if (ended == state_->pid) {
            state_->end = end_of(status);
            return state_->end;
        }
        RAFTKV_CHECK(ended == 0 || errno == EINTR);
        auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline -
                                                                 std::chrono::steady_clock::now());
        if (left.count() <= 0) return std::nullopt;
        pollfd watched{state_->handle.get(), POLLIN, 0};
        ::poll(&watched, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1'000'000)));
    }
}

std::optional<ChildEnd> ChildProcess::poll() {
    return wait_for(std::chrono::milliseconds(0));
}

bool ChildProcess::running() {
    return !poll().has_value();
}

ChildEnd ChildProcess::stop(std::chrono::milliseconds grace) {
    signal(SIGTERM);
    if (auto end = wait_for(grace)) return *end;
    return kill();
}

ChildEnd ChildProcess::kill() {
    signal(SIGKILL);
    for (;;) {
        if (auto end = wait_for(std::chrono::hours(1))) return *end;
    }
}

int ChildProcess::end_descriptor() const {
    return state_->handle.get();
}

std::filesystem::path this_program() {
    constexpr std::string_view deleted = " (deleted)";
    std::error_code ec;
    std::string path = std::filesystem::read_symlink("/proc/self/exe", ec).string();
    if (path.ends_with(deleted)) path.resize(path.size() - deleted.size());
    if (!ec && std::filesystem::exists(path, ec)) return path;
    return "/proc/self/exe";
}

}  // namespace raftkv::cli
