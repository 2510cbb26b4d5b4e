#include "cli/cluster/process_identity.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "cli/cluster/child_process.hpp"
#include "cli/cluster/preflight.hpp"
#include "tests/unit/cluster/temp_folder.hpp"

namespace raftkv::cli {
namespace {

using namespace std::chrono_literals;

ChildProcess start(const TempFolder& folder, const std::string& script) {
    ChildSpec spec;
    spec.program = "/bin/sh";
    spec.arguments = {"-c", script};
    spec.output_file = folder / "out";
    auto child = ChildProcess::start(spec);
    EXPECT_TRUE(child.ok());
    return std::move(*child);
}

TEST(ProcessIdentity, OfThisProcess) {
    auto self = identify(::getpid());
    ASSERT_TRUE(self);
    EXPECT_EQ(self->pid, ::getpid());
    EXPECT_GT(self->start_ticks, 0u);
    EXPECT_FALSE(self->boot_id.empty());
    EXPECT_TRUE(is_alive(*self));
}

TEST(ProcessIdentity, SurvivesThePidFile) {
    auto self = identify(::getpid());
    EXPECT_EQ(parse_identity(to_text(*self)), self);
    for (const char* text : {"", "x", "12", "12 34", "0 1 b", "1 1 b", "-5 1 b"}) {
        EXPECT_EQ(parse_identity(text), std::nullopt) << text;
    }
}

TEST(ProcessIdentity, ALaterProcessWithThePidIsAnother) {
    auto self = identify(::getpid());
    ProcessIdentity earlier = *self;
    earlier.start_ticks -= 1;
    EXPECT_FALSE(is_alive(earlier));
    ProcessIdentity before_boot = *self;
    before_boot.boot_id = "another";
    EXPECT_FALSE(is_alive(before_boot));
}

TEST(ProcessIdentity, TheDeadAreNobody) {
    TempFolder folder;
    ChildProcess child = start(folder, "exec sleep 1000");
    auto identity = identify(child.pid());
    ASSERT_TRUE(identity);
    child.signal(SIGKILL);
    // Not collected yet: a zombie until then.
    ASSERT_TRUE(child.wait_for(5s));
    EXPECT_FALSE(is_alive(*identity));
    EXPECT_FALSE(identify(child.pid()));
}

TEST(EndProcess, SparesAnotherProcessWithThePid) {
    TempFolder folder;
    ChildProcess child = start(folder, "exec sleep 1000");
    ProcessIdentity other = *identify(child.pid());
    other.start_ticks -= 1;
    EXPECT_TRUE(end_process(other, 10ms).ok());
    EXPECT_TRUE(child.running());
}

// Waits until the process has it.
bool takes(const ChildProcess& child, const std::filesystem::path& file) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!has_open(*identify(child.pid()), file)) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        ::poll(nullptr, 0, 1);
    }
    return true;
}

// A process that holds the lock of a node's folder, as the node does.
ChildProcess start_holding(const TempFolder& folder, const std::filesystem::path& lock) {
    std::filesystem::create_directories(lock.parent_path());
    ChildProcess child = start(folder, "exec 9>" + lock.string() + "; exec sleep 1000");
    EXPECT_TRUE(takes(child, lock));
    return child;
}

TEST(ProcessIdentity, TellsWhetherAProcessHasAFileOpen) {
    TempFolder folder;
    const ChildProcess child = start_holding(folder, folder / "node-0" / "lock");
    std::filesystem::copy(folder / "node-0", folder / "copy");
    EXPECT_FALSE(has_open(*identify(child.pid()), folder / "copy" / "lock"));
    EXPECT_FALSE(has_open(*identify(child.pid()), folder / "nothing"));
    EXPECT_TRUE(has_open(*identify(child.pid()), folder / "node-0" / "lock"));
}

TEST(EndLeftovers, EndsWhatThePidFilesNameAndNothingElse) {
    TempFolder folder;
    ClusterPaths paths{folder.path()};
    ChildProcess left = start_holding(folder, paths.node_lock(NodeId(0)));
    ChildProcess paused = start_holding(folder, paths.node_lock(NodeId(1)));
    ChildProcess stranger = start(folder, "exec sleep 1000");
    paused.signal(SIGSTOP);
    std::ofstream(paths.node_pid(NodeId(0))) << to_text(*identify(left.pid()));
    std::ofstream(paths.node_pid(NodeId(1))) << to_text(*identify(paused.pid()));
    ProcessIdentity reused = *identify(stranger.pid());
    reused.start_ticks -= 1;
    std::ofstream(paths.node_pid(NodeId(2))) << to_text(reused);
    std::ofstream(paths.node_pid(NodeId(3))) << "garbage";
    // As in a copy of the folder: the process is alive, and has another node's folder.
    std::filesystem::copy(folder / "node-0", folder / "node-4");
    std::ofstream(paths.node_pid(NodeId(4))) << to_text(*identify(stranger.pid()));

    auto ended = end_leftovers(paths, {NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)});
    ASSERT_TRUE(ended.ok()) << ended.error().message;
    EXPECT_EQ(ended->size(), 2u);
    EXPECT_FALSE(left.running());
    EXPECT_FALSE(paused.running()) << "it was stopped, and could not hear SIGTERM";
    EXPECT_TRUE(stranger.running());
    for (std::uint32_t id = 0; id < 5; ++id) {
        EXPECT_FALSE(std::filesystem::exists(paths.node_pid(NodeId(id))));
    }
}

TEST(EndProcess, KillsWhatIgnoresSigterm) {
    TempFolder folder;
    ChildProcess child = start(folder, "trap '' TERM; echo ready; while :; do sleep 1000; done");
    auto ready = [&] { return std::filesystem::file_size(folder / "out") > 0; };
    auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!ready() && std::chrono::steady_clock::now() < deadline) ::poll(nullptr, 0, 1);
    EXPECT_TRUE(end_process(*identify(child.pid()), 50ms).ok());
    auto end = child.wait_for(5s);
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, SIGKILL);
}

}  // namespace
}  // namespace raftkv::cli
