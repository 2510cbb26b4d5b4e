#include "cli/bench/compare/process_use.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace raftkv::bench {
namespace {

Result<std::uint64_t> largest_memory_of(const std::vector<pid_t>& pids) {
    std::uint64_t largest = 0;
    for (pid_t pid : pids) {
        const auto use = use_of(pid);
        if (!use) return use.error();
        largest = std::max(largest, use->memory_bytes);
    }
    return largest;
}

}  // namespace

Result<ProcessUse> parse_process_stat(std::string_view stat, double ticks_per_second,
                                      std::uint64_t page_bytes) {
    // "pid (name) state ...": a name may hold anything, blanks and brackets too.
    const std::size_t name_end = stat.rfind(')');
    const Error none{ErrorKind::failed, "the kernel's words about a process make no sense"};
    if (name_end == std::string_view::npos) return none;
    std::istringstream fields{std::string(stat.substr(name_end + 1))};
    std::string skipped;
    for (int field = 3; field <= 13; ++field) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    for (int field = 16; field <= 23; ++field) fields >> skipped;
    std::uint64_t pages = 0;
    if (!(fields >> pages)) return none;
    return ProcessUse{(user + system) / ticks_per_second, pages * page_bytes};
}

Result<ProcessUse> use_of(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.empty()) {
        return Error{ErrorKind::failed, fmt::format("process {} is gone", pid)};
    }
    return parse_process_stat(text, static_cast<double>(::sysconf(_SC_CLK_TCK)),
                              static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

Result<double> cpu_seconds_of(const std::vector<pid_t>& pids) {
    double sum = 0;
    for (pid_t pid : pids) {
        const auto use = use_of(pid);
        if (!use) return use.error();
        sum += use->cpu_seconds;
    }
    return sum;
}

Result<double> memory_grown_by(const std::vector<pid_t>& pids,
                               const std::function<Result<void>()>& work) {
    const auto before = largest_memory_of(pids);
    if (!before) return before.error();
    if (auto done = work(); !done) return done.error();
    const auto after = largest_memory_of(pids);
    if (!after) return after.error();
    return static_cast<double>(*after) - static_cast<double>(*before);
}

}  // namespace raftkv::bench
