#include "cli/cluster/dump/new_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>

#include "cli/test/work_folder.hpp"

namespace raftkv::cli::dump {
namespace {

class NewFileTest : public testing::Test {
  protected:
    std::filesystem::path name() const { return folder_.path() / "dump"; }
    std::filesystem::path part() const { return folder_.path() / "dump.part"; }
    static std::string content(const std::filesystem::path& file) {
        std::ifstream in(file);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    NewFile create(bool replace = false) {
        auto file = NewFile::create(name(), replace);
        RAFTKV_CHECK(file.ok());
        return std::move(*file);
    }

    test::WorkFolder folder_ = std::move(test::WorkFolder::create()).value();
};

TEST_F(NewFileTest, HasItsNameWhenItIsComplete) {
    NewFile file = create();
    EXPECT_TRUE(file.write("hello ").ok());
    EXPECT_FALSE(std::filesystem::exists(name()));
    EXPECT_TRUE(file.write("world").ok());
    EXPECT_TRUE(file.finish().ok());
    EXPECT_EQ(content(name()), "hello world");
    EXPECT_FALSE(std::filesystem::exists(part()));
}

TEST_F(NewFileTest, GoesWhenItIsNotFinished) {
    {
        NewFile file = create();
        EXPECT_TRUE(file.write("half").ok());
        EXPECT_TRUE(std::filesystem::exists(part()));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(NewFileTest, ReplacesOnlyOnOrder) {
    std::ofstream(name()) << "old";
    auto refused = NewFile::create(name(), false);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_FALSE(std::filesystem::exists(part()));
    {
        NewFile file = create(true);
        EXPECT_TRUE(file.write("half").ok());
    }
    EXPECT_EQ(content(name()), "old") << "also then the old one stays until the new one is whole";
    NewFile file = create(true);
    EXPECT_TRUE(file.write("new").ok());
    EXPECT_TRUE(file.finish().ok());
    EXPECT_EQ(content(name()), "new");
}

TEST_F(NewFileTest, LeavesAFileAloneThatCameMeanwhile) {
    NewFile file = create();
    EXPECT_TRUE(file.write("mine").ok());
    std::ofstream(name()) << "theirs";
    auto finished = file.finish();
    ASSERT_FALSE(finished.ok());
    EXPECT_EQ(finished.error().kind, ErrorKind::usage);
    EXPECT_EQ(content(name()), "theirs");
}

TEST_F(NewFileTest, RefusesFoldersAndPathsThatAreNone) {
    EXPECT_EQ(NewFile::create(folder_.path(), true).error().kind, ErrorKind::usage);
    EXPECT_EQ(NewFile::create(folder_.path() / "no" / "such", false).error().kind, ErrorKind::io);
}

TEST_F(NewFileTest, IsForItsUserAloneWhateverTheUmask) {
    for (const mode_t umask : {0u, 077u}) {
        const mode_t before = ::umask(umask);
        NewFile file = create(true);
        ::umask(before);
        struct stat status {};
        ASSERT_EQ(::stat(part().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0600u);
        EXPECT_TRUE(file.finish().ok());
        ASSERT_EQ(::stat(name().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, 0600u);
    }
}

TEST_F(NewFileTest, FollowsNoLinkThatIsInItsPlace) {
    const std::filesystem::path theirs = folder_.path() / "theirs";
    std::ofstream(theirs) << "theirs";
    std::filesystem::create_symlink(theirs, part());
    NewFile file = create();
    EXPECT_FALSE(std::filesystem::is_symlink(part()));
    EXPECT_TRUE(file.write("ours").ok());
    EXPECT_TRUE(file.finish().ok());
    EXPECT_EQ(content(name()), "ours");
    EXPECT_EQ(content(theirs), "theirs");
    // Nor is anything else that can't be removed like a file written to.
    std::filesystem::create_directory(part());
    auto refused = NewFile::create(name(), true);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::io);
    EXPECT_NE(refused.error().message.find(part().string()), std::string::npos);
}

// What may be written to a file is limited, as it is on a full disk.
TEST_F(NewFileTest, SaysWhyItCannotBeWritten) {
    std::signal(SIGXFSZ, SIG_IGN);
    NewFile file = create();
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit none{0, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
    auto written = file.write("x");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().kind, ErrorKind::io);
    EXPECT_NE(written.error().message.find("writing"), std::string::npos);
    EXPECT_NE(written.error().message.find("too large"), std::string::npos);
}

}  // namespace
}  // namespace raftkv::cli::dump
