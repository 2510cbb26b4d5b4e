#include "common/private_files.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace raftkv {
namespace {

namespace fs = std::filesystem;

constexpr uid_t root = 0;
constexpr uid_t somebody = 12'345;
constexpr mode_t umasks[] = {0, 077};

class PrivateFiles : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "raftkv-private-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        umask_ = ::umask(0);
    }
    void TearDown() override {
        ::umask(umask_);
        fs::remove_all(folder_);
    }

    static mode_t mode_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
        return status.st_mode & 07777;
    }
    static std::string content(const fs::path& file) {
        std::ifstream in(file);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void expect_refused(const std::string& reason, const std::string& what_to_do) const {
        const auto checked = check_socket_folder(folder_);
        ASSERT_FALSE(checked.ok());
        EXPECT_EQ(checked.error().kind, ErrorKind::usage);
        for (const std::string& words : {folder_.string(), reason, what_to_do})
            EXPECT_NE(checked.error().message.find(words), std::string::npos)
                << words << " is not in: " << checked.error().message;
    }

    fs::path folder_;
    mode_t umask_ = 0;
};

TEST_F(PrivateFiles, NewFoldersAreForTheirUserAlone) {
    for (const mode_t umask : umasks) {
        ::umask(umask);
        const fs::path first = folder_ / std::to_string(umask);
        std::error_code error;
        create_private_folders(first / "b" / "c", error);
        EXPECT_FALSE(error) << error.message();
        EXPECT_EQ(mode_of(first), 0700u);
        EXPECT_EQ(mode_of(first / "b"), 0700u);
        EXPECT_EQ(mode_of(first / "b/c"), 0700u);
    }
}

TEST_F(PrivateFiles, FoldersThatAreThereStayAsTheyAre) {
    ASSERT_EQ(::mkdir((folder_ / "open").c_str(), 0755), 0);
    std::error_code error;
    create_private_folders(folder_ / "open" / "new", error);
    EXPECT_FALSE(error) << error.message();
    EXPECT_EQ(mode_of(folder_ / "open"), 0755u);
    EXPECT_EQ(mode_of(folder_ / "open/new"), 0700u);
    std::ofstream(folder_ / "file") << "in the way";
    create_private_folders(folder_ / "file" / "new", error);
    EXPECT_EQ(error.value(), EEXIST);
}

TEST_F(PrivateFiles, AFileIsForItsUserAloneAlsoWhereItWasNot) {
    for (const mode_t umask : umasks) {
        ::umask(umask);
        const fs::path file = folder_ / std::to_string(umask);
        EXPECT_TRUE(write_private_file(file, "text"));
        EXPECT_EQ(mode_of(file), 0600u);
    }
    const fs::path file = folder_ / "open";
    std::ofstream(file) << "a longer text of before";
    ASSERT_EQ(::chmod(file.c_str(), 0666), 0);
    EXPECT_TRUE(write_private_file(file, "text"));
    EXPECT_EQ(mode_of(file), 0600u);
    EXPECT_EQ(content(file), "text");
}

TEST_F(PrivateFiles, AFileIsNotWrittenThroughALink) {
    std::ofstream(folder_ / "theirs") << "theirs";
    fs::create_symlink("theirs", folder_ / "link");
    fs::create_symlink("nothing", folder_ / "dangling");
    EXPECT_FALSE(write_private_file(folder_ / "link", "text"));
    EXPECT_EQ(errno, ELOOP);
    EXPECT_FALSE(write_private_file(folder_ / "dangling", "text"));
    EXPECT_EQ(content(folder_ / "theirs"), "theirs");
    EXPECT_FALSE(fs::exists(folder_ / "nothing"));
}

TEST_F(PrivateFiles, ASocketsFolderIsWrittenToByItsUserAlone) {
    for (const mode_t fine : {0700u, 0750u, 0755u}) {
        ASSERT_EQ(::chmod(folder_.c_str(), fine), 0);
        const auto checked = check_socket_folder(folder_);
        EXPECT_TRUE(checked.ok()) << checked.error().message;
    }
    ASSERT_EQ(::chmod(folder_.c_str(), 0770), 0);
    expect_refused("others may write to it (mode 0770)", "chmod go-w " + folder_.string());
    ASSERT_EQ(::chmod(folder_.c_str(), 0702), 0);
    expect_refused("others may write to it (mode 0702)", "chmod go-w " + folder_.string());
    // Nobody may replace what is there, but whoever comes first makes it.
    ASSERT_EQ(::chmod(folder_.c_str(), 01777), 0);
    expect_refused("others may write to it (mode 1777)", "chmod go-w " + folder_.string());
    EXPECT_TRUE(check_socket_folder(folder_ / "not there").ok());
}

TEST_F(PrivateFiles, ASocketsFolderIsNotAnotherUsers) {
    if (::geteuid() != root) GTEST_SKIP() << "only root can give a folder away";
    ASSERT_EQ(::chown(folder_.c_str(), somebody, somebody), 0);
    expect_refused("belongs to another user (uid 12345)", "sudo -u '#12345'");
    ASSERT_EQ(::seteuid(somebody), 0);
    const auto own = check_socket_folder(folder_);
    ASSERT_EQ(::seteuid(root), 0);
    EXPECT_TRUE(own.ok()) << own.error().message;
}

TEST_F(PrivateFiles, ASocketsFolderMayBeRoots) {
    if (::geteuid() != root) GTEST_SKIP() << "only root has one";
    ASSERT_EQ(::chmod(folder_.c_str(), 0755), 0);
    ASSERT_EQ(::seteuid(somebody), 0);
    const auto of_root = check_socket_folder(folder_);
    ASSERT_EQ(::seteuid(root), 0);
    EXPECT_TRUE(of_root.ok()) << of_root.error().message;
}

}  // namespace
}  // namespace raftkv
