#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/cluster/child_process.hpp"

namespace raftkv::test {

// One run of `raftkv test ...`, or of another command, with a temporary folder of its own, which is
// removed at the end.
class TestRun {
  public:
    // `mode`: run stand-in nodes that are broken in this way; empty: real ones.
    explicit TestRun(std::vector<std::string> arguments, const std::string& mode = "",
                     const std::string& command = "test");
    ~TestRun();
    TestRun(const TestRun&) = delete;
    TestRun& operator=(const TestRun&) = delete;

    // Waits for the end; fails the test when it does not come. 128 + signal when killed by one.
    int exit_code(std::chrono::seconds limit = std::chrono::seconds(90));
    // Waits until the output holds `text`.
    bool says(const std::string& text, std::chrono::seconds limit = std::chrono::seconds(30));
    void signal(int number);

    // stdout and stderr so far.
    std::string output() const;
    std::string last_line() const;
    // What the run has left in its temporary folder.
    std::vector<std::filesystem::path> leftovers() const;
    // How many processes work in its temporary folder, without the run itself.
    std::size_t node_processes() const { return node_pids().size(); }
    std::vector<pid_t> node_pids() const;
    bool nodes_end(std::chrono::seconds limit = std::chrono::seconds(10)) const;

  private:
    std::filesystem::path folder_;  // of this test
    std::filesystem::path tmpdir_;  // in it: what the run takes for the system's
    std::unique_ptr<cli::ChildProcess> process_;
};

}  // namespace raftkv::test
