#pragma once

#include <string>
#include <string_view>

namespace raftkv {

// What a process ends with. Scripts rely on these numbers; docs/operating.md lists them.
enum class ExitCode : int {
    done = 0,
    failed = 1,        // the thing asked for was tried and did not succeed; a test that failed
    undecided = 2,     // a checker ran out of its budget
    usage = 64,        // wrong arguments or configuration
    corrupt = 65,      // data on disk is damaged or belongs to somebody else
    unavailable = 69,  // no quorum, or no server could be reached
    io = 74,           // the operating system refused a read, a write or a sync
    interrupted = 130,
};

enum class ErrorKind { failed, undecided, usage, corrupt, unavailable, io, no_space, interrupted };

// A message says what was being done, on what, what went wrong and what to do next.
struct Error {
    ErrorKind kind;
    std::string message;
};

ExitCode exit_code(ErrorKind kind);

// One word for logs and --json.
std::string_view name_of(ErrorKind kind);

}  // namespace raftkv
