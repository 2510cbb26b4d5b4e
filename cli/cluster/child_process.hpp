#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace raftkv::cli {

struct ChildSpec {
    std::filesystem::path program;       // a path; PATH is not searched
    std::vector<std::string> arguments;  // without the program itself
    // stdout and stderr are appended here (created when missing, mode 0644); stdin is /dev/null.
    std::filesystem::path output_file;
    std::filesystem::path working_folder;  // empty: that of this process
    // Killed by the kernel (SIGKILL) when the thread that started it ends, however it ends: start
    // children from a thread that lives as long as they should. Switches off: the child is left
    // alone by the destructor, too.
    bool dies_with_owner = true;
    // A session of its own: no terminal, so Ctrl-C in the parent's does not reach it.
    bool new_session = true;
};

// How a process ended.
struct ChildEnd {
    bool signalled = false;
    int code = 0;  // the exit code, or the signal's number when `signalled`
    bool core_dumped = false;
};

// "exit code 65", "signal 9 (SIGKILL)"
std::string describe(const ChildEnd& end);

// A running or ended child. The owner's destructor kills a child that still runs and waits for
// its end, unless dies_with_owner is off. The child inherits no descriptor but 0, 1 and 2, and
// starts with no signal blocked or ignored. One thread at a time.
class ChildProcess {
  public:
    // An Error of kind io when the program cannot be started; it names the program.
    static Result<ChildProcess> start(const ChildSpec& spec);

    ChildProcess(ChildProcess&&) noexcept;
    ChildProcess& operator=(ChildProcess&&) noexcept;
    ~ChildProcess();

    pid_t pid() const;

    // Never reaches another process that was given the same pid. False when the child has ended.
    bool signal(int number);

    // Waits until the child has ended, at most for `timeout`; nothing when it still runs then.
    // Once ended, gives the same answer again and again, without waiting.
    std::optional<ChildEnd> wait_for(std::chrono::milliseconds timeout);
    // wait_for(0).
    std::optional<ChildEnd> poll();
    bool running();

    // SIGTERM, and after `grace` SIGKILL; waits for the end.
    ChildEnd stop(std::chrono::milliseconds grace);
    // SIGKILL; waits for the end.
    ChildEnd kill();

    // Readable (poll, Asio) once the child has ended. Owned by this object.
    int end_descriptor() const;

  private:
    struct State;
    explicit ChildProcess(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// The program that runs, as one that can be started again: a new build at the same path is
// preferred, so that a rolling restart brings it in.
std::filesystem::path this_program();

}  // namespace raftkv::cli
