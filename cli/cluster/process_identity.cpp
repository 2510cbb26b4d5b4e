#include "cli/cluster/process_identity.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <vector>

namespace raftkv::cli {

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string boot_id() {
    std::string text = text_of("/proc/sys/kernel/random/boot_id");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

}  // namespace

std::optional<ProcessIdentity> identify(pid_t pid) {
    std::string stat = text_of(fmt::format("/proc/{}/stat", pid));
    // The second field is the program's name in parentheses and may hold anything, even ") ".
    std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream fields(stat.substr(name_end + 1));
    std::vector<std::string> words{std::istream_iterator<std::string>(fields), {}};
    constexpr std::size_t state_field = 0;
    constexpr std::size_t start_field = 19;  // field 22 of proc(5), counted from field 3
    if (words.size() <= start_field) return std::nullopt;
    // Dead, and perhaps never collected by its parent. Its last threads may still be ending.
    if (words[state_field] == "Z" || words[state_field] == "X") return std::nullopt;
    return ProcessIdentity{pid, std::stoull(words[start_field]), boot_id()};
}

std::string to_text(const ProcessIdentity& identity) {
    return fmt::format("{} {} {}\n", identity.pid, identity.start_ticks, identity.boot_id);
}

std::optional<ProcessIdentity> parse_identity(std::string_view text) {
    std::istringstream fields{std::string(text)};
    ProcessIdentity identity;
    if (!(fields >> identity.pid >> identity.start_ticks >> identity.boot_id)) return std::nullopt;
    // 0 and below are process groups to kill(2); 1 is nobody's node.
    if (identity.pid <= 1) return std::nullopt;
    return identity;
}

std::optional<ProcessIdentity> read_pid_file(const std::filesystem::path& file) {
    return parse_identity(text_of(file));
}

bool is_alive(const ProcessIdentity& identity) {
    return identify(identity.pid) == identity;
}

bool has_open(const ProcessIdentity& identity, const std::filesystem::path& file) {
    struct stat wanted = {};
    if (::stat(file.c_str(), &wanted) != 0) return false;
    const std::filesystem::path folder = fmt::format("/proc/{}/fd", identity.pid);
    std::error_code ec;
    for (std::filesystem::directory_iterator it(folder, ec), end; !ec && it != end;
         it.increment(ec)) {
        struct stat open = {};
        if (::stat(it->path().c_str(), &open) != 0) continue;
        if (open.st_dev == wanted.st_dev && open.st_ino == wanted.st_ino) return true;
    }
    return false;
}

Result<void> end_process(const ProcessIdentity& identity, std::chrono::milliseconds grace) {
    auto failed = [&](const char* what) {
        return Error{ErrorKind::io, fmt::format("ending the process {}: {}: {}", identity.pid, what,
                                                std::strerror(errno))};
    };
    int handle = static_cast<int>(::syscall(SYS_pidfd_open, identity.pid, 0));
    if (handle < 0) return errno == ESRCH ? Result<void>() : failed("pidfd_open");
    auto send = [&](int number) {
        return ::syscall(SYS_pidfd_send_signal, handle, number, nullptr, 0) == 0 || errno == ESRCH;
    };
    auto gone_within = [&](std::chrono::milliseconds wait) {
        pollfd watched{handle, POLLIN, 0};
        return ::poll(&watched, 1, static_cast<int>(wait.count())) == 1;
    };
    Result<void> result;
    // Only now, with the handle open, is it certain that the pid means the same process after the
    // check as before it.
    if (is_alive(identity)) {
        constexpr std::chrono::milliseconds kill_takes{10'000};
        if (!send(SIGTERM) || !send(SIGCONT)) {
            result = failed("signal");
        } else if (!gone_within(grace)) {
            send(SIGKILL);
            errno = ETIMEDOUT;
            if (!gone_within(kill_takes)) result = failed("SIGKILL");
        }
    }
    ::close(handle);
    return result;
}

}  // namespace raftkv::cli
