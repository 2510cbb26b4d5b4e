#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/socket/socket.hpp"

// The real `raftkv`, with pipes or on a terminal.

namespace raftkv::test {

using Arguments = std::vector<std::string>;

constexpr std::chrono::seconds patience{30};

// A folder for one test, which a run program starts in.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    void write(std::string_view name, std::string_view content) const;

  private:
    std::filesystem::path path_;
};

struct ProgramResult {
    int exit = -1;  // 128 and the signal, as a shell has it
    std::string out;
    std::string err;
};

// Runs the program to its end, with `input` on stdin. A program that does not end within
// `patience` is killed, and the test has failed.
ProgramResult run(const Folder& folder, const Arguments& arguments, std::string_view input = "");
// The same, with these descriptors closed.
ProgramResult run_with_closed(const std::vector<int>& closed, const Folder& folder,
                              const Arguments& arguments);

// A node, run from the folder's config.json. Killed at the end.
class NodeProcess {
  public:
    NodeProcess(const Folder& folder, int id);
    ~NodeProcess();
    NodeProcess(const NodeProcess&) = delete;
    NodeProcess& operator=(const NodeProcess&) = delete;

    void kill();

  private:
    pid_t pid_ = -1;
};

// A program on a terminal of 24 lines and 100 columns.
class Terminal {
  public:
    // With HOME in the folder, no XDG_STATE_HOME, and NO_COLOR unless `colors`.
    Terminal(const Folder& folder, const Arguments& arguments, bool colors = false);
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    void type(std::string_view keys);
    void resize(unsigned short columns, unsigned short rows);
    void send(int signal);
    // Whether it shows what is typed, and gives programs whole lines: as a shell left it.
    bool is_in_order() const;
    // Waits until the text has come since the last expect(); the test has failed when it does not.
    // What came up to its end, all of it when it did not come.
    std::string expect(std::string_view text);
    // Waits for the end of the program.
    int exit();

  private:
    pid_t pid_ = -1;
    Descriptor terminal_;
    std::string seen_;  // not yet expected
};

// Waits for the end of a child, and kills it at the deadline; as ProgramResult::exit.
int wait_for_exit(pid_t pid);

}  // namespace raftkv::test
