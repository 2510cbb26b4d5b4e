#include "cli/cluster/dump/progress.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <string>

namespace raftkv::cli::dump {
namespace {

TEST(Progress, TellsHowFarItIsAndHowLongItTakes) {
    EXPECT_EQ(progress_line("load", 500, 1000, 2.0),
              "load  [==========          ]  50 %  500 of 1000 keys, 250 a second, 2 s left");
    EXPECT_EQ(progress_line("load", 1000, 1000, 4.0),
              "load  [====================] 100 %  1000 of 1000 keys, 250 a second");
    EXPECT_EQ(progress_line("load", 0, 1000, 0.0),
              "load  [                    ]   0 %  0 of 1000 keys, 0 a second");
}

TEST(Progress, KeepsCountingWhenThereIsMoreThanItThoughtOrNothingIsKnown) {
    EXPECT_EQ(progress_line("dump", 12, 10, 1.0),
              "dump  [====================] 100 %  12 of 10 keys, 12 a second");
    EXPECT_EQ(progress_line("dump", 12, 0, 1.0), "dump  12 keys, 12 a second");
}

// For half a second, a look every few milliseconds.
void go_on_for_a_while() {
    using Clock = std::chrono::steady_clock;
    Progress progress("backup", 1000, "KiB");
    const auto end = Clock::now() + std::chrono::milliseconds(600);
    for (std::uint64_t done = 0; Clock::now() < end; ++done) {
        progress.show(done);
        ::poll(nullptr, 0, 5);
    }
}

// What somebody sees who sits at a terminal, all of it.
std::string seen_on_a_terminal(void (*work)()) {
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child == 0) {
        work();
        ::_exit(0);
    }
    std::string seen;
    char buffer[4096];
    for (ssize_t count = 0; (count = ::read(terminal, buffer, sizeof buffer)) > 0;)
        seen.append(buffer, static_cast<std::size_t>(count));
    ::close(terminal);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return seen;
}

TEST(Progress, IsOneLineOnATerminalThatGoesWhenAllIsDone) {
    const std::string seen = seen_on_a_terminal(go_on_for_a_while);
    EXPECT_TRUE(seen.starts_with("\r\x1b[Kbackup  [")) << seen;
    EXPECT_NE(seen.find(" of 1000 KiB, "), std::string::npos) << seen;
    EXPECT_NE(seen.find("\r\x1b[Kbackup  [", 1), std::string::npos) << "drawn again: " << seen;
    EXPECT_TRUE(seen.ends_with("\r\x1b[K")) << seen;
    EXPECT_EQ(seen.find('\n'), std::string::npos) << seen;
}

TEST(Progress, IsNothingWhereWhatIsDoneTakesNoTime) {
    EXPECT_EQ(seen_on_a_terminal([] {
                  Progress progress("backup", 1000, "KiB");
                  progress.show(1000);
              }),
              "");
}

TEST(Progress, IsNothingInAFile) {
    testing::internal::CaptureStderr();
    go_on_for_a_while();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace raftkv::cli::dump
