#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "cli/cluster/child_process.hpp"
#include "cli/cluster/cluster_paths.hpp"
#include "cli/cluster/event_log.hpp"
#include "cli/cluster/file_lock.hpp"
#include "cli/cluster/log_files.hpp"
#include "cli/cluster/new_config.hpp"
#include "cli/cluster/preflight.hpp"
#include "tests/unit/cluster/temp_folder.hpp"

namespace raftkv::cli {
namespace {

void write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary) << text;
}

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(FileLock, OneHolderAtATime) {
    TempFolder folder;
    EXPECT_FALSE(is_locked(folder / "lock")) << "no file, no lock";
    {
        auto first = FileLock::try_take(folder / "lock");
        ASSERT_TRUE(first.ok() && *first);
        EXPECT_TRUE(is_locked(folder / "lock"));
        auto second = FileLock::try_take(folder / "lock");
        ASSERT_TRUE(second.ok());
        EXPECT_FALSE(second->has_value());
    }
    EXPECT_FALSE(is_locked(folder / "lock"));
}

TEST(FileLock, AFolderThatIsNotThereIsAnError) {
    auto lock = FileLock::try_take("/nowhere/at/all/lock");
    ASSERT_FALSE(lock.ok());
    EXPECT_EQ(lock.error().kind, ErrorKind::io);
}

TEST(LockCluster, TheSecondLearnsThePidOfTheFirst) {
    TempFolder folder;
    ClusterPaths paths{folder / "data"};
    auto first = lock_cluster(paths);
    ASSERT_TRUE(first.ok()) << first.error().message;
    EXPECT_EQ(supervisor_pid(paths), ::getpid());
    auto second = lock_cluster(paths);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().kind, ErrorKind::failed);
    EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
}

TEST(LockAsSupervisor, WaitsForOneThatIsDying) {
    TempFolder folder;
    ClusterPaths paths{folder / "data"};
    std::filesystem::create_directory(paths.data);
    ChildSpec spec;
    spec.program = "/usr/bin/flock";
    spec.arguments = {paths.lock().string(), "sleep", "0.2"};
    spec.output_file = folder / "output";
    auto dying = ChildProcess::start(spec);
    ASSERT_TRUE(dying.ok());
    while (!is_locked(paths.lock())) ASSERT_TRUE(dying->running());
    auto lock = lock_as_supervisor(paths);
    EXPECT_TRUE(lock.ok()) << lock.error().message;
}

TEST(LockCluster, NothingIsMadeInAFolderThatOthersMayWriteTo) {
    TempFolder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
    const ClusterPaths paths{folder.path()};
    for (const auto& lock : {lock_cluster(paths), lock_as_supervisor(paths)}) {
        ASSERT_FALSE(lock.ok());
        EXPECT_EQ(lock.error().kind, ErrorKind::usage);
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(LockCluster, APipeInPlaceOfTheLockIsNotWaitedFor) {
    TempFolder folder;
    ASSERT_EQ(::mkfifo((folder / "lock").c_str(), 0600), 0);
    EXPECT_FALSE(is_locked(folder / "lock"));
}

TEST(LockCluster, AFileInPlaceOfTheFolderIsAnError) {
    TempFolder folder;
    write(folder / "data", "a file");
    auto lock = lock_cluster(ClusterPaths{folder / "data"});
    ASSERT_FALSE(lock.ok());
    EXPECT_EQ(lock.error().kind, ErrorKind::io);
}

TEST(LastLines, AreTheLastOnes) {
    TempFolder folder;
    write(folder / "log", "one\ntwo\nthree\n");
    using Lines = std::vector<std::string>;
    EXPECT_EQ(last_lines(folder / "log", 2), (Lines{"two", "three"}));
    EXPECT_EQ(last_lines(folder / "log", 9), (Lines{"one", "two", "three"}));
    EXPECT_EQ(last_lines(folder / "log", 0), Lines{});
    EXPECT_EQ(last_lines(folder / "none", 2), Lines{});
    EXPECT_EQ(last_lines(folder / "log", 1, 8), Lines{"two"}) << "of the first 8 bytes";
    write(folder / "open", "one\ntwo");
    EXPECT_EQ(last_lines(folder / "open", 1), Lines{"two"}) << "unfinished lines count";
}

TEST(LastLines, ReadsBackOverManyBlocks) {
    TempFolder folder;
    std::string text;
    for (int line = 0; line < 50'000; ++line) text += "line " + std::to_string(line) + "\n";
    write(folder / "log", text);
    auto lines = last_lines(folder / "log", 30'000);
    ASSERT_EQ(lines.size(), 30'000u);
    EXPECT_EQ(lines.front(), "line 20000");
    EXPECT_EQ(lines.back(), "line 49999");
}

TEST(RotateLog, KeepsOneOlderFileAndTheWritersDescriptor) {
    TempFolder folder;
    std::ofstream writer(folder / "log", std::ios::app);
    writer << std::string(100, 'a') << std::flush;
    ASSERT_TRUE(rotate_log(folder / "log", 100).ok());
    EXPECT_EQ(read(folder / "log").size(), 100u) << "not over the limit yet";
    writer << "b" << std::flush;
    ASSERT_TRUE(rotate_log(folder / "log", 100).ok());
    EXPECT_EQ(read(rotated(folder / "log")), std::string(100, 'a') + "b");
    writer << "c" << std::flush;
    EXPECT_EQ(read(folder / "log"), "c");
    ASSERT_TRUE(rotate_log(folder / "none", 100).ok());
}

TEST(EventLog, WritesTimedLinesWithoutControlCharacters) {
    TempFolder folder;
    EventLog events(folder / "log", true);
    events.record("node 1 died: \x1b[31mred\n");
    auto lines = last_lines(folder / "log", 5);
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0].substr(23), " node 1 died: \\x1b[31mred\\n");
    EXPECT_EQ(lines[0][10], 'T');
    EXPECT_EQ(events.recent(), lines);
}

TEST(NewConfig, IsOneThatCanBeRead) {
    TempFolder folder;
    for (std::uint32_t nodes : {1U, 3U, 5U, most_nodes}) {
        auto config = parse_config(config_for(nodes), folder.path());
        ASSERT_TRUE(config.ok()) << nodes << ": " << config.error().message;
        EXPECT_EQ(config->servers.size(), nodes);
        EXPECT_EQ(config->servers[0].client_port, 9000);
        EXPECT_EQ(config->servers[0].log_port, 9050);
        EXPECT_EQ(config->data_path, folder / "data");
    }
}

TEST(NewConfig, IsMadeOnlyWhenAskedFor) {
    TempFolder folder;
    auto refused = load_or_make_config(folder / "config.json", 0);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_NE(refused.error().message.find("--nodes"), std::string::npos);
    EXPECT_NE(refused.error().message.find("--config"), std::string::npos);
    ASSERT_TRUE(load_or_make_config(folder / "config.json", 3).ok());
    EXPECT_EQ(load_or_make_config(folder / "config.json", 0)->servers.size(), 3u);
}

TEST(NewConfig, NeverReplacesOneThatIsThere) {
    TempFolder folder;
    write(folder / "config.json", config_for(5));
    EXPECT_TRUE(load_or_make_config(folder / "config.json", 5).ok());
    auto refused = load_or_make_config(folder / "config.json", 3);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_EQ(read(folder / "config.json"), config_for(5));
}

TEST(NewConfig, ReportsAFolderThatIsNotThere) {
    auto refused = load_or_make_config("/nowhere/config.json", 3);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace raftkv::cli
