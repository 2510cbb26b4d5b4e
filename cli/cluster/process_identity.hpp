#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace raftkv::cli {

// A process, told apart from any later one that is given the same pid: by when it started, and
// by which boot of the machine it was.
struct ProcessIdentity {
    pid_t pid = 0;
    std::uint64_t start_ticks = 0;  // after the boot
    std::string boot_id;

    bool operator==(const ProcessIdentity&) const = default;
};

// The running process with this pid; nothing when there is none, or only its remains.
std::optional<ProcessIdentity> identify(pid_t pid);

// Pid files: one line. Nothing when the text is none.
std::string to_text(const ProcessIdentity& identity);
std::optional<ProcessIdentity> parse_identity(std::string_view text);
// What the file says, if it is there; and whether that process still runs.
std::optional<ProcessIdentity> read_pid_file(const std::filesystem::path& file);
bool is_alive(const ProcessIdentity& identity);
// Whether it has this very file open (the same device and inode). Not so where that cannot be seen.
bool has_open(const ProcessIdentity& identity, const std::filesystem::path& file);

// SIGTERM (and SIGCONT, it may be stopped), after `grace` SIGKILL; waits until it is gone. Never
// reaches another process. An Error of kind io when it cannot be signalled or will not go.
Result<void> end_process(const ProcessIdentity& identity, std::chrono::milliseconds grace);

}  // namespace raftkv::cli
