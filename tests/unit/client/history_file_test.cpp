#include "cli/client/history_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace raftkv::cli::client {
namespace {

class HistoryFileTest : public testing::Test {
  protected:
    HistoryFileTest() {
        std::string pattern = testing::TempDir() + "raftkv-history-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
    }
    ~HistoryFileTest() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
};

TEST_F(HistoryFileTest, LinesAreThereNextTime) {
    const auto path = folder_ / "new" / "folders" / "history";
    auto first = HistoryFile::open(path);
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(first->lines().empty());
    first->append("set a 1");
    first->append("get a");
    const auto second = HistoryFile::open(path);
    ASSERT_TRUE(second.ok());
    EXPECT_EQ(second->lines(), (std::vector<std::string>{"set a 1", "get a"}));
}

TEST_F(HistoryFileTest, TwoShellsLoseNoLine) {
    auto one = HistoryFile::open(folder_ / "history");
    auto other = HistoryFile::open(folder_ / "history");
    ASSERT_TRUE(one.ok() && other.ok());
    one->append("get a");
    other->append("get b");
    one->append("get c");
    EXPECT_EQ(HistoryFile::open(folder_ / "history")->lines(),
              (std::vector<std::string>{"get a", "get b", "get c"}));
}

TEST_F(HistoryFileTest, OnlyTheOwnerMayRead) {
    ASSERT_TRUE(HistoryFile::open(folder_ / "new" / "history").ok());
    struct stat info {};
    ASSERT_EQ(::stat((folder_ / "new" / "history").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    ASSERT_EQ(::stat((folder_ / "new").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST_F(HistoryFileTest, ALongFileIsTrimmedToItsNewestLines) {
    std::ofstream file(folder_ / "history");
    for (int i = 0; i < 2001; ++i) file << "get key" << i << "\n";
    file.close();
    const auto opened = HistoryFile::open(folder_ / "history");
    ASSERT_TRUE(opened.ok());
    ASSERT_EQ(opened->lines().size(), 1000u);
    EXPECT_EQ(opened->lines().back(), "get key2000");
    EXPECT_EQ(HistoryFile::open(folder_ / "history")->lines(), opened->lines());
    struct stat info {};
    ASSERT_EQ(::stat((folder_ / "history").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(HistoryFileTest, AFolderThatCannotBeMadeIsAnError) {
    std::ofstream(folder_ / "file") << "in the way";
    const auto opened = HistoryFile::open(folder_ / "file" / "history");
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind, ErrorKind::io);
    EXPECT_NE(opened.error().message.find("file/history"), std::string::npos);
}

TEST_F(HistoryFileTest, TheEnvironmentSaysWhereItIs) {
    ::setenv("HOME", "/home/arun", 1);
    ::setenv("XDG_STATE_HOME", "/state", 1);
    EXPECT_EQ(history_path(), "/state/raftkv/history");
    ::setenv("XDG_STATE_HOME", "relative", 1);
    EXPECT_EQ(history_path(), "/home/arun/.local/state/raftkv/history");
    ::unsetenv("XDG_STATE_HOME");
    EXPECT_EQ(history_path(), "/home/arun/.local/state/raftkv/history");
    ::unsetenv("HOME");
    EXPECT_EQ(history_path(), std::nullopt);
}

}  // namespace
}  // namespace raftkv::cli::client
