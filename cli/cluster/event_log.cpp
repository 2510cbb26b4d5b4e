#include "cli/cluster/event_log.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>

#include "cli/cluster/log_files.hpp"
#include "cli/cluster/terminal.hpp"
#include "common/printable.hpp"

namespace raftkv::cli {

namespace {

constexpr std::size_t remembered = 200;

std::string now_text() {
    auto now = std::chrono::system_clock::now();
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()) % 1000;
    std::tm local = fmt::localtime(std::chrono::system_clock::to_time_t(now));
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}", local, ms.count());
}

// In the background stdout is the log itself.
bool same_file(int left, int right) {
    struct stat a {};
    struct stat b {};
    return ::fstat(left, &a) == 0 && ::fstat(right, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

void write_line(int descriptor, const std::string& line) {
    // A full disk or a closed pipe must not stop the supervisor.
    [[maybe_unused]] ssize_t written = ::write(descriptor, line.data(), line.size());
}

}  // namespace

EventLog::EventLog(std::filesystem::path file, bool quiet)
    : file_(std::move(file)),
      descriptor_(::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)),
      quiet_(quiet || same_file(descriptor_, STDOUT_FILENO)) {}

EventLog::~EventLog() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void EventLog::record(std::string_view what) {
    const auto left_out = rate_.take(what, std::chrono::system_clock::now());
    if (!left_out) return;
    std::string line = fmt::format("{} {}", now_text(), printable_line(what));
    if (*left_out > 0) line += fmt::format(" (and {} more like this)", *left_out);
    if (descriptor_ >= 0) write_line(descriptor_, line + "\n");
    if (!quiet_ && stdout_takes_more()) write_line(STDOUT_FILENO, line + "\n");
    recent_.push_back(std::move(line));
    if (recent_.size() > remembered) recent_.pop_front();
}

void EventLog::reopen() {
    const int fresh = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fresh < 0) {
        return record(fmt::format("opening {} anew: {}; it goes on in the old file", file_.string(),
                                  std::generic_category().message(errno)));
    }
    for (const int standard : {STDOUT_FILENO, STDERR_FILENO}) {
        if (same_file(descriptor_, standard)) ::dup2(fresh, standard);
    }
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = fresh;
}

void EventLog::rotate() {
    // A log that cannot be bounded is no reason to stop looking after the nodes.
    (void)rotate_log(file_).ok();
}

}  // namespace raftkv::cli
