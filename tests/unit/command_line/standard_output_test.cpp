#include "cli/command_line/standard_output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>

#include "common/descriptor.hpp"

// Streams are taken over once in a process, so each test has a child of its own.

namespace raftkv::cli {
namespace {

struct PipeEnds {
    Descriptor out;
    Descriptor in;
};

PipeEnds make_pipe(int flags = O_CLOEXEC) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, flags), 0);
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

// The exit code of a child that writes to these.
int run_child(int out, int err, const std::function<void()>& write) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(out, STDOUT_FILENO);
        ::dup2(err, STDERR_FILENO);
        take_over_standard_streams();
        write();
        ::_exit(static_cast<int>(finish_output(ExitCode::done)));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string read_all(const Descriptor& fd) {
    std::string text;
    char bytes[4096];
    for (ssize_t count = 0; (count = ::read(fd.get(), bytes, sizeof bytes)) > 0;)
        text.append(bytes, static_cast<std::size_t>(count));
    return text;
}

TEST(StandardOutput, AFullDiskIsAnErrorWithItsReason) {
    const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    PipeEnds err = make_pipe();
    const int exit = run_child(full.get(), err.in.get(), [] { fmt::print("something\n"); });
    err.in = Descriptor();
    EXPECT_EQ(exit, 74);
    EXPECT_EQ(read_all(err.out), "raftkv: writing the output: No space left on device\n");
}

TEST(StandardOutput, MuchOfItNeitherThrowsNorAborts) {
    const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    const int exit = run_child(full.get(), full.get(), [] {
        for (int i = 0; i < 100'000; ++i) fmt::print("line {}\n", i);
        fmt::print(stderr, "and an error\n");
    });
    EXPECT_EQ(exit, 74);
}

TEST(StandardOutput, WhoClosesThePipeIsNotToldAboutIt) {
    PipeEnds out = make_pipe();
    PipeEnds err = make_pipe();
    out.out = Descriptor();
    const int exit = run_child(out.in.get(), err.in.get(), [] { fmt::print("something\n"); });
    err.in = Descriptor();
    EXPECT_EQ(exit, 74);
    EXPECT_EQ(read_all(err.out), "");
}

TEST(StandardOutput, APipeThatDoesNotBlockGetsAllOfIt) {
    PipeEnds out = make_pipe(O_CLOEXEC | O_NONBLOCK);
    const std::string text(3'000'000, 'x');
    const pid_t writer = ::fork();
    if (writer == 0) {
        ::_exit(run_child(out.in.get(), STDERR_FILENO, [&] { fmt::print("{}", text); }));
    }
    out.in = Descriptor();
    ::fcntl(out.out.get(), F_SETFL, 0);
    EXPECT_EQ(read_all(out.out).size(), text.size());
    int status = 0;
    ::waitpid(writer, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(StandardOutput, WaitingForItCanBeCancelled) {
    const PipeEnds out = make_pipe();
    const int exit = run_child(out.in.get(), STDERR_FILENO, [] {
        const Descriptor cancel(::eventfd(1, EFD_CLOEXEC));
        const CancelOutput cancelled(cancel.get());
        fmt::print("{}", std::string(3'000'000, 'x'));
    });
    EXPECT_EQ(exit, 130);
}

}  // namespace
}  // namespace raftkv::cli
