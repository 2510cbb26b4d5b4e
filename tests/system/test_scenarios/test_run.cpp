#include "tests/system/test_scenarios/test_run.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

namespace raftkv::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

bool wait_until(seconds limit, const std::function<bool()>& holds) {
    const auto deadline = steady_clock::now() + limit;
    while (!holds()) {
        if (steady_clock::now() >= deadline) return false;
        poll(nullptr, 0, 5);
    }
    return true;
}

}  // namespace

TestRun::TestRun(std::vector<std::string> arguments, const std::string& mode,
                 const std::string& command) {
    std::string path = (std::filesystem::temp_directory_path() / "raftkv-run-XXXXXX").string();
    folder_ = mkdtemp(path.data());
    tmpdir_ = folder_ / "tmp";
    std::filesystem::create_directory(tmpdir_);

    arguments.insert(arguments.begin(), command);
    if (!mode.empty()) arguments.insert(arguments.end(), {"--node-program", RAFTKV_STANDIN});
    const std::string old_tmpdir = std::filesystem::temp_directory_path().string();
    setenv("TMPDIR", tmpdir_.c_str(), 1);
    setenv("STANDIN_MODE", mode.c_str(), 1);
    auto process = cli::ChildProcess::start({.program = RAFTKV_BINARY,
                                             .arguments = arguments,
                                             .output_file = folder_ / "output",
                                             .working_folder = {}});
    setenv("TMPDIR", old_tmpdir.c_str(), 1);
    EXPECT_TRUE(process.ok());
    if (process) process_ = std::make_unique<cli::ChildProcess>(std::move(process).value());
}

TestRun::~TestRun() {
    process_.reset();
    nodes_end();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

int TestRun::exit_code(seconds limit) {
    const auto end = process_->wait_for(limit);
    EXPECT_TRUE(end.has_value()) << "still running; it said:\n" << output();
    if (!end) return -1;
    return end->signalled ? 128 + end->code : end->code;
}

bool TestRun::says(const std::string& text, seconds limit) {
    return wait_until(limit, [&] { return output().find(text) != std::string::npos; });
}

void TestRun::signal(int number) {
    process_->signal(number);
}

std::string TestRun::output() const {
    return contents(folder_ / "output");
}

std::string TestRun::last_line() const {
    std::istringstream lines(output());
    std::string line, last;
    while (std::getline(lines, line)) last = line;
    return last;
}

std::vector<std::filesystem::path> TestRun::leftovers() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(tmpdir_)) {
        found.push_back(entry.path());
    }
    return found;
}

std::vector<pid_t> TestRun::node_pids() const {
    std::vector<pid_t> pids;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        // Nodes are told their configuration, which lies in the temporary folder.
        if (contents(entry.path() / "cmdline").find(tmpdir_.string()) == std::string::npos)
            continue;
        pids.push_back(std::stoi(entry.path().filename()));
    }
    return pids;
}

bool TestRun::nodes_end(seconds limit) const {
    return wait_until(limit, [&] { return node_processes() == 0; });
}

}  // namespace raftkv::test
