#pragma once

#include "common/error.hpp"

namespace raftkv::cli {

// Gives stdout and stderr of the C library a writer of our own, and ignores SIGPIPE. Once in a
// process, before anything is written.
//
// The writer waits for a descriptor that takes nothing now: it may not block (O_NONBLOCK), which is
// not ours to choose, for whoever shares the terminal or the pipe shares that, too. To those who
// write, writing never fails, so that no command ends in the middle of what it does; what could not
// be written on stdout is remembered.
void take_over_standard_streams();

// False once something that was flushed could not be written on stdout; what has no other end than
// Ctrl-C, or still has much to say, ends then.
bool output_works();

// While one lives, waiting for stdout ends when `cancel_fd` is readable. One at a time.
class CancelOutput {
  public:
    explicit CancelOutput(int cancel_fd);
    ~CancelOutput();
    CancelOutput(const CancelOutput&) = delete;
    CancelOutput& operator=(const CancelOutput&) = delete;
};

// Flushes stdout, and gives what the process ends with: `exit`, or io when something could not be
// written. Says so on stderr, unless somebody closed the pipe: he knows.
ExitCode finish_output(ExitCode exit);

}  // namespace raftkv::cli
