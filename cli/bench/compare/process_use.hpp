#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace raftkv::bench {

// What the kernel says of a process: all its threads, since its start.
struct ProcessUse {
    double cpu_seconds = 0;
    std::uint64_t memory_bytes = 0;  // resident
};

Result<ProcessUse> use_of(pid_t pid);

// Of all of them together, up to now.
Result<double> cpu_seconds_of(const std::vector<pid_t>& pids);
// By how many bytes the memory of the one that has most grows while `work` is done.
Result<double> memory_grown_by(const std::vector<pid_t>& pids,
                               const std::function<Result<void>()>& work);

// The text of /proc/<pid>/stat, with clock ticks and pages of these sizes.
Result<ProcessUse> parse_process_stat(std::string_view stat, double ticks_per_second,
                                      std::uint64_t page_bytes);

}  // namespace raftkv::bench
