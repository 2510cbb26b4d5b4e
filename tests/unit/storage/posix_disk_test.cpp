#include "node/storage/posix_disk.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "node/storage/growing_file.hpp"
#include "node/storage/posix_file.hpp"
#include "tests/unit/storage/log_fixture.hpp"

namespace raftkv::storage {
namespace {

class PosixDiskTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "raftkv-disk-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::unique_ptr<Disk> open(const std::string& below = "") {
        auto disk = open_posix_disk((folder_ / below).string());
        EXPECT_TRUE(disk) << (disk ? "" : disk.error().message);
        return disk ? std::move(*disk) : nullptr;
    }

    std::string content(const std::string& name) const {
        std::ifstream in(folder_ / name);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::filesystem::path folder_;
};

mode_t mode_of(const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
}

TEST_F(PosixDiskTest, WritesManyPiecesAndReadsThemBack) {
    auto disk = open();
    auto file = disk->open("file", OpenMode::create_new);
    ASSERT_TRUE(file);
    // More pieces than one system call takes, some of them empty, some large.
    std::vector<std::string> strings;
    std::string all;
    for (std::size_t i = 0; i < 3000; ++i) {
        strings.emplace_back(i % 7 == 0 ? i * 10 : i % 5, static_cast<char>('a' + i % 26));
        all += strings.back();
    }
    const std::vector<std::string_view> pieces(strings.begin(), strings.end());
    ASSERT_TRUE((*file)->write_at(100, pieces));
    ASSERT_TRUE((*file)->write_at(100, {}));
    ASSERT_TRUE((*file)->sync());
    EXPECT_EQ((*file)->size().value(), 100 + all.size());
    EXPECT_EQ((*file)->read_at(0, 1u << 30 >> 6).value(), std::string(100, '\0') + all);
    EXPECT_EQ((*file)->read_at(100 + all.size(), 10).value(), "");
    auto again = disk->open("file", OpenMode::read_write);
    ASSERT_TRUE(again);
    EXPECT_EQ((*again)->read_at(100, all.size()).value(), all);
}

TEST_F(PosixDiskTest, WhatIsReservedIsThereAndReadsAsZeros) {
    auto disk = open();
    auto file = disk->open("file", OpenMode::create_new);
    ASSERT_TRUE(file);
    auto reserved = (*file)->reserve(100'000);
    ASSERT_TRUE(reserved) << reserved.error().message;
    if (!*reserved) GTEST_SKIP() << "this file system promises nothing";
    ASSERT_TRUE((*file)->sync());
    const std::string_view piece = "written";
    ASSERT_TRUE((*file)->write_at(5000, {&piece, 1}));
    ASSERT_TRUE((*file)->sync());
    auto again = disk->open("file", OpenMode::read_write);
    ASSERT_TRUE(again);
    std::string expected(100'000, '\0');
    expected.replace(5000, piece.size(), piece);
    EXPECT_TRUE((*again)->read_at(0, 200'000).value() == expected);
}

TEST_F(PosixDiskTest, CreatesListsRenamesAndRemoves) {
    auto disk = open("a/b/c");
    ASSERT_TRUE(disk->open("one", OpenMode::create_new));
    EXPECT_FALSE(disk->open("one", OpenMode::create_new)) << "it exists";
    EXPECT_FALSE(disk->open("two", OpenMode::read_only)) << "it does not";
    EXPECT_FALSE(disk->open("two", OpenMode::read_write));
    ASSERT_TRUE(disk->rename("one", "two"));
    EXPECT_FALSE(disk->rename("one", "three"));
    ASSERT_TRUE(disk->sync_folder());
    EXPECT_EQ(disk->list().value(), (std::vector<std::string>{"lock", "two"}));
    ASSERT_TRUE(disk->remove("two"));
    EXPECT_FALSE(disk->remove("two"));
    EXPECT_EQ(disk->path_of("x"), (folder_ / "a/b/c/x").string());
    EXPECT_NE(disk->random(), disk->random());
}

TEST_F(PosixDiskTest, WhatItCreatesIsForItsUserAloneWhateverTheUmask) {
    for (const mode_t umask : {0u, 077u}) {
        const std::string name = std::to_string(umask);
        const mode_t before = ::umask(umask);
        {
            auto disk = open(name + "/b/c");
            ASSERT_TRUE(disk && disk->open("file", OpenMode::create_new));
        }
        ::umask(before);
        EXPECT_EQ(mode_of(folder_ / name), 0700u);
        EXPECT_EQ(mode_of(folder_ / name / "b"), 0700u);
        EXPECT_EQ(mode_of(folder_ / name / "b/c"), 0700u);
        EXPECT_EQ(mode_of(folder_ / name / "b/c/lock"), 0600u);
        EXPECT_EQ(mode_of(folder_ / name / "b/c/file"), 0600u);
    }
}

TEST_F(PosixDiskTest, AFolderAndALockThatAreOpenToOthersAreClosed) {
    std::ofstream(folder_ / "lock") << "";
    ASSERT_EQ(::chmod((folder_ / "lock").c_str(), 0666), 0);
    ASSERT_EQ(::chmod(folder_.c_str(), 0777), 0);
    ASSERT_TRUE(open());
    EXPECT_EQ(mode_of(folder_), 0700u);
    EXPECT_EQ(mode_of(folder_ / "lock"), 0600u);
}

TEST_F(PosixDiskTest, FollowsNoLink) {
    std::ofstream(folder_ / "theirs") << "theirs";
    const std::filesystem::path own = folder_ / "own";
    std::filesystem::create_directory(own);
    for (const char* name : {"link", "snapshot.part"})
        std::filesystem::create_symlink("../theirs", own / name);
    std::filesystem::create_symlink("../nothing", own / "dangling.part");
    {
        auto disk = open("own");
        ASSERT_TRUE(disk);
        for (const OpenMode mode : {OpenMode::read_only, OpenMode::read_write})
            EXPECT_FALSE(disk->open("link", mode));
        EXPECT_FALSE(disk->open("snapshot.part", OpenMode::create_new));
        EXPECT_FALSE(disk->open("dangling.part", OpenMode::create_new));
        // What was left of one is removed first: then it is the link that goes.
        auto part = GrowingFile::create(*disk, "snapshot.part");
        ASSERT_TRUE(part) << part.error().message;
        EXPECT_TRUE((*part)->append("ours"));
        EXPECT_TRUE((*part)->sync());
        EXPECT_TRUE((*part)->place("snapshot"));
    }
    EXPECT_EQ(content("own/snapshot"), "ours");
    EXPECT_EQ(mode_of(own / "snapshot"), 0600u);
    std::filesystem::remove(own / "lock");
    std::filesystem::create_symlink("../theirs", own / "lock");
    auto refused = open_posix_disk(own.string());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_NE(refused.error().message.find((own / "lock").string()), std::string::npos);
    EXPECT_FALSE(open_posix_disk_to_look(own.string()));
    EXPECT_EQ(content("theirs"), "theirs");
    EXPECT_FALSE(std::filesystem::exists(folder_ / "nothing"));
}

TEST(PosixFile, AFullDeviceIsNoSpaceAndNotAnyFailure) {
    auto file = make_posix_file(Descriptor(::open("/dev/full", O_RDWR | O_CLOEXEC)), "/dev/full");
    const std::string_view piece = "some bytes";
    auto written = file->write_at(0, {&piece, 1});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, ErrorKind::no_space);
    EXPECT_NE(written.error().message.find("/dev/full"), std::string::npos);
}

TEST(PosixFile, WhatTheSystemRefusesIsAnIoError) {
    auto file = make_posix_file(Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC)), "read-only");
    const std::string_view piece = "some bytes";
    EXPECT_EQ(file->write_at(0, {&piece, 1}).error().kind, ErrorKind::io);
    EXPECT_EQ(file->sync().error().kind, ErrorKind::io) << "a device that cannot be synced";
    EXPECT_EQ(file->reserve(1).error().kind, ErrorKind::io);
    auto none = make_posix_file(Descriptor(), "closed");
    EXPECT_EQ(none->read_at(0, 1).error().kind, ErrorKind::io);
    EXPECT_EQ(none->size().error().kind, ErrorKind::io);
}

// A file system of 1 MiB, where only root can make one.
TEST_F(PosixDiskTest, ALogOnAFullFileSystemGoesOnWhenThereIsRoom) {
    if (::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=1m") != 0) {
        GTEST_SKIP() << "cannot mount a file system here";
    }
    {
        auto disk = open();
        OpenedLog log = open_log(*disk, 300u << 10);
        std::uint64_t next = 1;
        auto append = [&] {
            return log.wal->append(entries({command(next, 1, std::string(50'000, 'x'))}));
        };
        for (auto appended = append(); appended; appended = append()) {
            ++next;
            ASSERT_TRUE(log.wal->sync());
            ASSERT_LT(next, 100u);
        }
        EXPECT_EQ(append().error().kind, ErrorKind::no_space);
        EXPECT_EQ(log.wal->bytes(), 3 * (300u << 10));
        ASSERT_TRUE(log.wal->append(vote(2, 1)));
        ASSERT_TRUE(log.wal->sync());
        ASSERT_EQ(::mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT, "size=2m"), 0);
        ASSERT_TRUE(append());
        ASSERT_TRUE(log.wal->sync());
    }
    EXPECT_EQ(::umount(folder_.c_str()), 0);
}

TEST_F(PosixDiskTest, BelongsToOneAtATime) {
    auto disk = open();
    auto second = open_posix_disk(folder_.string());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::failed);
    EXPECT_NE(second.error().message.find("process " + std::to_string(::getpid())),
              std::string::npos)
        << second.error().message;
    disk.reset();
    EXPECT_TRUE(open_posix_disk(folder_.string()));
}

TEST_F(PosixDiskTest, IsNotHeldByProgramsThatItsOwnerStarts) {
    auto disk = open();
    auto file = disk->open("file", OpenMode::create_new);
    int held = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code error;
        const auto target = std::filesystem::read_symlink(entry.path(), error);
        if (!error && target.string().starts_with(folder_.string())) {
            const int flags = ::fcntl(std::stoi(entry.path().filename()), F_GETFD);
            EXPECT_NE(flags & FD_CLOEXEC, 0) << target;
            ++held;
        }
    }
    EXPECT_EQ(held, 3) << "the folder, its lock and the file";
}

TEST_F(PosixDiskTest, APathThatCannotBeAFolderIsAMistakeOfTheUser) {
    std::ofstream(folder_ / "file") << "no folder";
    for (const char* below : {"file", "file/deeper"}) {
        auto disk = open_posix_disk((folder_ / below).string());
        ASSERT_FALSE(disk);
        EXPECT_EQ(disk.error().kind, ErrorKind::usage) << disk.error().message;
        EXPECT_NE(disk.error().message.find((folder_ / "file").string()), std::string::npos);
    }
    auto no_such = open_posix_disk("/proc/raftkv");
    ASSERT_FALSE(no_such);
    EXPECT_EQ(no_such.error().kind, ErrorKind::usage) << no_such.error().message;
}

TEST_F(PosixDiskTest, AFolderWithoutPermissionIsAMistakeOfTheUser) {
    if (::geteuid() == 0) {
        GTEST_SKIP() << "root may do anything";
    }
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_read);
    auto disk = open_posix_disk((folder_ / "data").string());
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    ASSERT_FALSE(disk);
    EXPECT_EQ(disk.error().kind, ErrorKind::usage);
}

// Entries of `bytes` each, so many to a batch.
void write_batches(OpenedLog& log, LogModel& model, int batches, int entries_each,
                   std::size_t bytes) {
    for (int batch = 0; batch < batches; ++batch) {
        for (int i = 0; i < entries_each; ++i) {
            auto write = entries({command(model.last_index() + 1, 1, std::string(bytes, 'p'))});
            ASSERT_TRUE(log.wal->append(write));
            model.append(write);
        }
        ASSERT_TRUE(log.wal->sync());
        model.sync();
    }
}

TEST_F(PosixDiskTest, HoldsALogOverRestarts) {
    LogModel model;
    for (int round = 0; round < 5; ++round) {
        auto disk = open("node-2");
        OpenedLog log = open_log(*disk, 256u << 10);
        ASSERT_EQ(model.restart(log), "");
        write_batches(log, model, 6, 10, 3000);
        ASSERT_TRUE(log.wal->mark_idle());
    }
}

// Its segments are only reserved.
TEST_F(PosixDiskTest, HoldsALogOfLargeBatchesOverRestarts) {
    LogModel model;
    for (int round = 0; round < 5; ++round) {
        auto disk = open("node-2");
        OpenedLog log = open_log(*disk, 1u << 20);
        ASSERT_EQ(model.restart(log), "");
        write_batches(log, model, 20, 1, 150'000);
    }
}

TEST_F(PosixDiskTest, HoldsALogOfTheDefaultSize) {
    auto disk = open();
    OpenedLog log = open_log(*disk, WalOptions().segment_bytes);
    EXPECT_EQ(log.wal->bytes(), 1u << 20) << "the first segment is small";
    ASSERT_TRUE(log.wal->append(entries({noop(1, 1), command(2, 1, std::string(1u << 20, 'v'))})));
    ASSERT_TRUE(log.wal->sync());
    auto read = log.wal->read(LogIndex(1), LogIndex(2), 2u << 20);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->at(1).payload.size(), 1u << 20);
    EXPECT_EQ(log.wal->bytes(), (1u << 20) + WalOptions().segment_bytes);
}

}  // namespace
}  // namespace raftkv::storage
