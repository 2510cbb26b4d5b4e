#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/system/cluster/on_terminal.hpp"

// `raftkv cluster recover`: what it asks, and what is left when it is ended in the middle.

namespace raftkv::system_test {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> files_in(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && entry.path().filename() != "supervisor.lock")
            files[fs::relative(entry.path(), folder)] = Bed::read(entry.path());
    return files;
}

// A cluster of three with a key, whose nodes have ended.
void live_and_end(Bed& bed) {
    bed.up();
    ASSERT_EQ(bed.set("key", "was answered"), std::nullopt);
    ASSERT_EQ(bed.cluster({"down"}).exit, 0);
}

TEST(RecoverOnATerminal, AsksAndDoesNothingUnlessTheWordIsYes) {
    Bed bed(3);
    live_and_end(bed);
    const auto before = files_in(bed.folder() / "data");
    for (const char* answer : {"no\n", "y\n", "YES\n", " yes\n", "yes please\n", "\n", "\x04"}) {
        OnTerminal recover(bed, {"cluster", "recover", "--from", "1", "--force"}, false);
        ASSERT_TRUE(recover.shows("Whatever other nodes have beyond entry")) << recover.seen();
        ASSERT_TRUE(recover.shows("Type yes: ")) << recover.seen();
        recover.type(answer);
        EXPECT_EQ(recover.exit_code(), 1) << answer;
        EXPECT_TRUE(recover.shows("nothing was changed")) << recover.seen();
        EXPECT_TRUE(files_in(bed.folder() / "data") == before) << answer;
    }
    OnTerminal recover(bed, {"cluster", "recover", "--from", "1", "--force"}, false);
    ASSERT_TRUE(recover.shows("Type yes: ")) << recover.seen();
    recover.type("yes\n");
    EXPECT_EQ(recover.exit_code(), 0);
    EXPECT_TRUE(recover.shows("is the only member of the new cluster")) << recover.seen();
    EXPECT_FALSE(files_in(bed.folder() / "data") == before);
}

bool changes_names(std::uint64_t call) {
    static const std::vector<std::uint64_t> calls = {
#ifdef SYS_rename
        SYS_rename,   SYS_mkdir,     SYS_unlink,  SYS_rmdir,
#endif
        SYS_renameat, SYS_renameat2, SYS_mkdirat, SYS_unlinkat};
    return std::find(calls.begin(), calls.end(), call) != calls.end();
}

// Runs the program, and ends it as a crash would in front of its change of a name with this
// number, counted from 1.
class CrashingRun {
  public:
    CrashingRun(const Bed& bed, const Words& words, int crash_at) : crash_at_(crash_at) {
        std::vector<std::string> all{RAFTKV_BINARY, "cluster"};
        all.insert(all.end(), words.begin(), words.end());
        std::vector<char*> raw;
        for (std::string& word : all) raw.push_back(word.data());
        raw.push_back(nullptr);
        pid_ = ::fork();
        if (pid_ == 0) {
            ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
            ::raise(SIGSTOP);
            if (::chdir(bed.folder().c_str()) == 0) ::execv(raw[0], raw.data());
            ::_exit(127);
        }
        int status = 0;
        ::waitpid(pid_, &status, 0);
        ::ptrace(PTRACE_SETOPTIONS, pid_, nullptr,
                 PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE);
        ::ptrace(PTRACE_SYSCALL, pid_, nullptr, nullptr);
    }

    // Its exit code; -1 when it was ended.
    int run() {
        for (;;) {
            int status = 0;
            const pid_t thread = ::waitpid(-1, &status, __WALL);
            if (thread < 0) return -2;
            if (thread == pid_ && WIFEXITED(status)) return WEXITSTATUS(status);
            if (thread == pid_ && WIFSIGNALED(status)) return -1;
            if (!WIFSTOPPED(status)) continue;
            if (is_change(thread, status) && ++changes_ == crash_at_) ::kill(pid_, SIGKILL);
            // What is no stop of a call may be a signal, which the program is to have.
            const int signal = WSTOPSIG(status);
            const bool passes =
                signal != (SIGTRAP | 0x80) && signal != SIGTRAP && signal != SIGSTOP;
            ::ptrace(PTRACE_SYSCALL, thread, nullptr, passes ? signal : 0);
        }
    }

  private:
    static bool is_change(pid_t thread, int status) {
        if (WSTOPSIG(status) != (SIGTRAP | 0x80)) return false;
        __ptrace_syscall_info info{};
        if (::ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) <= 0) return false;
        return info.op == PTRACE_SYSCALL_INFO_ENTRY && changes_names(info.entry.nr);
    }

    const int crash_at_;
    pid_t pid_ = -1;
    int changes_ = 0;
};

bool starts(const Bed& bed, const std::string& folder) {
    cli::ChildSpec spec;
    spec.program = RAFTKV_BINARY;
    spec.arguments = {"node", "verify", (bed.folder() / "data" / folder).string()};
    spec.output_file = bed.folder() / "verify.txt";
    auto child = cli::ChildProcess::start(spec);
    EXPECT_TRUE(child.ok());
    const auto end = child->wait_for(std::chrono::seconds(20));
    return end && !end->signalled && end->code == 0;
}

bool is_of_old_cluster(const fs::path& folder, const std::string& identity) {
    return Bed::read(folder / "identity") == identity;
}

// What a node has is never gone, nor is there a time at which it would start anew from nothing.
TEST(Recover, ACrashAtAnyChangeOfANameLeavesTheFolderAsBeforeOrAsAfter) {
    Bed bed(3);
    live_and_end(bed);
    const fs::path data = bed.folder() / "data", copy = bed.folder() / "copy";
    fs::copy(data, copy, fs::copy_options::recursive);
    const auto before = files_in(data / "node-1");
    const std::string old = before.at("identity");
    bool was_old = false;
    int code = -1;
    int crashes = 0;
    for (; code == -1 && crashes < 100; ++crashes) {
        fs::remove_all(data);
        fs::copy(copy, data, fs::copy_options::recursive);
        const Words words{"recover", "--from", "1", "--force", "--yes"};
        code = CrashingRun(bed, words, crashes + 1).run();
        ASSERT_TRUE(starts(bed, "node-1")) << "after crash " << crashes;
        if (is_of_old_cluster(data / "node-1", old)) {
            was_old = true;
            EXPECT_TRUE(files_in(data / "node-1") == before) << "after crash " << crashes;
        }
        const auto kept = std::count_if(
            fs::directory_iterator(data), fs::directory_iterator(), [&](const auto& entry) {
                return entry.path().filename().string().starts_with("node-1") &&
                       is_of_old_cluster(entry.path(), old);
            });
        EXPECT_EQ(kept, 1) << "what the node had, after crash " << crashes;
        const Outcome again = bed.cluster(words);
        EXPECT_EQ(again.exit, 0) << "after crash " << crashes << ": " << again.said;
    }
    EXPECT_EQ(code, 0) << "the last run is not ended any more";
    EXPECT_GE(crashes, 5);
    EXPECT_TRUE(was_old);
}

// The folder of node 1 is moved to `disk`, and what is in its place leads there.
std::string recovered_key(Bed& bed) {
    const Outcome recovered = bed.cluster({"recover", "--from", "1", "--force", "--yes"});
    EXPECT_EQ(recovered.exit, 0) << recovered.said;
    const Outcome up = bed.cluster({"up", "--detach", "--wait"});
    EXPECT_EQ(up.exit, 0) << up.said;
    const std::string value = bed.get("key").value_or("");
    EXPECT_EQ(bed.cluster({"down"}).exit, 0);
    return value;
}

std::string folder_before(const fs::path& within, const std::string& start) {
    for (const auto& entry : fs::directory_iterator(within))
        if (entry.path().filename().string().starts_with(start)) return entry.path();
    ADD_FAILURE() << "no " << start << " in " << within;
    return "";
}

TEST(Recover, OfAFolderThatIsALinkStaysOnItsDisk) {
    Bed bed(3);
    live_and_end(bed);
    const fs::path folder = bed.folder() / "data" / "node-1", disk = bed.folder() / "disk";
    fs::create_directories(disk);
    fs::rename(folder, disk / "here");
    fs::create_directory_symlink(disk / "here", folder);
    const std::string old = Bed::read(folder / "identity");
    EXPECT_EQ(recovered_key(bed), "was answered");
    EXPECT_TRUE(fs::is_symlink(folder));
    EXPECT_EQ(Bed::read(fs::path(folder_before(disk, "here.before-recovery-")) / "identity"), old);
    ASSERT_EQ(bed.cluster({"down", "--wipe"}).exit, 0);
    EXPECT_FALSE(fs::exists(fs::symlink_status(folder)));
    EXPECT_FALSE(fs::exists(disk / "here")) << "what the link led to";
}

TEST(Recover, OfAMountPointIsDoneWithinIt) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to mount";
    Bed bed(3);
    live_and_end(bed);
    const fs::path folder = bed.folder() / "data" / "node-1", copy = bed.folder() / "copy";
    fs::rename(folder, copy);
    fs::create_directory(folder);
    if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=100m") != 0)
        GTEST_SKIP() << "this machine lets nobody mount";
    fs::copy(copy, folder, fs::copy_options::recursive);
    const std::string old = Bed::read(folder / "identity");
    EXPECT_EQ(recovered_key(bed), "was answered");
    const fs::path before = folder_before(folder, "before-recovery-");
    EXPECT_EQ(Bed::read(before / "identity"), old);
    EXPECT_FALSE(fs::exists(folder / "recovered"));
    const Outcome wiped = bed.cluster({"down", "--wipe"});
    EXPECT_EQ(wiped.exit, 0) << wiped.said;
    EXPECT_TRUE(fs::is_empty(folder));
    EXPECT_EQ(::umount(folder.c_str()), 0);
}

// All nodes were on one machine, and their folders are there.
TEST(Recover, TheOthersOfTheSameMachineComeBackAsItTells) {
    Bed bed(3);
    live_and_end(bed);
    const Outcome recovered = bed.cluster({"recover", "--from", "1", "--force", "--yes"});
    ASSERT_EQ(recovered.exit, 0) << recovered.said;
    std::istringstream text(recovered.said);
    int commands = 0;
    for (std::string line; std::getline(text, line);) {
        if (!line.starts_with("     raftkv cluster ")) continue;
        std::istringstream rest(line);
        Words words;
        for (std::string word; rest >> word;) words.push_back(word);
        words.erase(words.begin(), words.begin() + 2);
        const Outcome done = bed.cluster(words);
        ASSERT_EQ(done.exit, 0) << line << ": " << done.said;
        ++commands;
    }
    EXPECT_EQ(commands, 4) << recovered.said;
    EXPECT_TRUE(comes_true([&] {
        const Outcome members = bed.cluster({"members"});
        return members.says("0  voter") && members.says("1  voter") && members.says("2  voter");
    })) << bed.cluster({"members"}).said;
    EXPECT_EQ(bed.get("key"), "was answered");
    ASSERT_EQ(bed.cluster({"stop", "1", "--force"}).exit, 0);
    EXPECT_EQ(bed.get("key"), "was answered");
}

}  // namespace
}  // namespace raftkv::system_test
