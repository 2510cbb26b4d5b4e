#include "cli/cluster/child_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "cli/cluster/process_identity.hpp"
#include "tests/unit/cluster/temp_folder.hpp"

namespace raftkv::cli {
namespace {

using namespace std::chrono_literals;

class ChildProcessTest : public testing::Test {
  protected:
    ChildSpec script(const std::string& text) const {
        ChildSpec spec;
        spec.program = "/bin/sh";
        spec.arguments = {"-c", text};
        spec.output_file = folder / "out";
        return spec;
    }
    ChildProcess start(const ChildSpec& spec) const {
        auto child = ChildProcess::start(spec);
        EXPECT_TRUE(child.ok()) << (child.ok() ? "" : child.error().message);
        return std::move(*child);
    }
    std::string output() const {
        std::ifstream in(folder / "out");
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // Waits until the child has written something.
    std::string first_output() const {
        auto deadline = std::chrono::steady_clock::now() + 5s;
        while (!output().ends_with('\n') && std::chrono::steady_clock::now() < deadline) {
            ::poll(nullptr, 0, 1);
        }
        return output();
    }

    TempFolder folder;
};

TEST_F(ChildProcessTest, TellsExitCodesFromSignals) {
    ChildProcess exits = start(script("exit 65"));
    auto end = exits.wait_for(5s);
    ASSERT_TRUE(end);
    EXPECT_FALSE(end->signalled);
    EXPECT_EQ(end->code, 65);
    EXPECT_EQ(describe(*end), "exit code 65");

    ChildProcess dies = start(script("kill -KILL $$"));
    end = dies.wait_for(5s);
    ASSERT_TRUE(end);
    EXPECT_TRUE(end->signalled);
    EXPECT_EQ(describe(*end), "signal 9 (SIGKILL)");
    EXPECT_EQ(dies.poll()->code, SIGKILL) << "and again";
    EXPECT_FALSE(dies.signal(SIGTERM));
}

TEST_F(ChildProcessTest, AppendsBothOutputsToTheFile) {
    std::ofstream(folder / "out") << "before\n";
    start(script("echo out; echo err >&2; cat")).wait_for(5s);
    EXPECT_EQ(output(), "before\nout\nerr\n") << "and stdin was empty";
}

TEST_F(ChildProcessTest, WaitsNoLongerThanAsked) {
    ChildProcess child = start(script("exec sleep 1000"));
    EXPECT_FALSE(child.wait_for(10ms));
    EXPECT_TRUE(child.running());
    pollfd watched{child.end_descriptor(), POLLIN, 0};
    EXPECT_EQ(::poll(&watched, 1, 0), 0);
    child.signal(SIGKILL);
    EXPECT_EQ(::poll(&watched, 1, 5000), 1) << "readable at the end";
    EXPECT_FALSE(child.running());
}

TEST_F(ChildProcessTest, StopIsPoliteFirst) {
    ChildProcess polite =
        start(script("trap 'exit 3' TERM; echo up; while :; do sleep 0.01; done"));
    first_output();
    EXPECT_EQ(polite.stop(5s).code, 3);
    ChildProcess deaf = start(script("trap '' TERM; echo deaf; while :; do sleep 0.01; done"));
    auto deadline = std::chrono::steady_clock::now() + 5s;
    while (output().find("deaf") == std::string::npos &&
           std::chrono::steady_clock::now() < deadline) {
        ::poll(nullptr, 0, 1);
    }
    EXPECT_EQ(deaf.stop(10ms).code, SIGKILL);
}

TEST_F(ChildProcessTest, AProgramThatIsNotThereIsAnErrorThatNamesIt) {
    ChildSpec spec = script("");
    spec.program = "/no/such/program";
    auto child = ChildProcess::start(spec);
    ASSERT_FALSE(child.ok());
    EXPECT_EQ(child.error().kind, ErrorKind::io);
    EXPECT_NE(child.error().message.find("/no/such/program"), std::string::npos);
    EXPECT_NE(child.error().message.find("No such file"), std::string::npos)
        << child.error().message;
    // Nothing is left behind, not even a zombie.
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

TEST_F(ChildProcessTest, AnOutputThatCannotBeOpenedIsAnError) {
    ChildSpec spec = script("");
    spec.output_file = "/nowhere/out";
    EXPECT_FALSE(ChildProcess::start(spec).ok());
}

TEST_F(ChildProcessTest, AFolderThatIsNotThereIsAnError) {
    ChildSpec spec = script("");
    spec.working_folder = "/nowhere";
    EXPECT_FALSE(ChildProcess::start(spec).ok());
    spec.working_folder = "/";
    spec.arguments = {"-c", "pwd"};
    start(spec).wait_for(5s);
    EXPECT_EQ(output(), "/\n");
}

TEST_F(ChildProcessTest, InheritsNoDescriptors) {
    int leaky = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    int high = ::fcntl(leaky, F_DUPFD, 500);
    start(script("ls /proc/self/fd | wc -l")).wait_for(5s);
    ::close(leaky);
    ::close(high);
    EXPECT_EQ(output(), "4\n") << "0, 1, 2 and the folder that ls reads";
}

TEST_F(ChildProcessTest, StartsWithoutBlockedOrIgnoredSignals) {
    auto before = ::signal(SIGPIPE, SIG_IGN);
    sigset_t blocked;
    sigset_t old;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &old);
    start(script("grep -E 'Sig(Blk|Ign)' /proc/self/status")).wait_for(5s);
    ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
    ::signal(SIGPIPE, before);
    EXPECT_EQ(output(), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(ChildProcessTest, IsKilledWithItsObject) {
    std::optional<ProcessIdentity> identity;
    {
        ChildProcess child = start(script("exec sleep 1000"));
        identity = identify(child.pid());
        ASSERT_TRUE(identity);
        ChildProcess moved = std::move(child);
        EXPECT_TRUE(moved.running());
    }
    EXPECT_FALSE(is_alive(*identity));
}

TEST_F(ChildProcessTest, IsKilledWithTheThreadThatStartedIt) {
    std::optional<ChildProcess> child;
    std::thread([&] { child = start(script("exec sleep 1000")); }).join();
    auto end = child->wait_for(5s);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, SIGKILL);
}

TEST_F(ChildProcessTest, OutlivesItsOwnerWhenAsked) {
    ChildSpec spec = script("exec sleep 1000");
    spec.dies_with_owner = false;
    std::optional<ProcessIdentity> identity;
    std::thread([&] {
        ChildProcess child = start(spec);
        identity = identify(child.pid());
    }).join();
    ASSERT_TRUE(identity);
    EXPECT_TRUE(is_alive(*identity));
    EXPECT_TRUE(end_process(*identity, 1s).ok());
}

TEST_F(ChildProcessTest, HasASessionOfItsOwn) {
    ChildProcess child = start(script("echo up; exec sleep 1000"));
    first_output();
    EXPECT_EQ(::getsid(child.pid()), child.pid());
}

}  // namespace
}  // namespace raftkv::cli
