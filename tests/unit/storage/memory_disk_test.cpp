#include "cli/test/simulation/memory_disk.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

// What the log's tests and the simulator believe about a disk has to be what that disk does.

namespace raftkv::storage {
namespace {

class MemoryDiskTest : public testing::Test {
  protected:
    std::unique_ptr<File> create(const std::string& name) {
        auto file = disk_.open(name, OpenMode::create_new);
        EXPECT_TRUE(file);
        EXPECT_TRUE(disk_.sync_folder());
        return std::move(*file);
    }
    static void write(File& file, std::uint64_t offset, std::string_view bytes) {
        const std::array<std::string_view, 2> pieces{bytes.substr(0, bytes.size() / 2),
                                                     bytes.substr(bytes.size() / 2)};
        ASSERT_TRUE(file.write_at(offset, pieces));
    }
    std::string reopened(const std::string& name) {
        auto file = disk_.open(name, OpenMode::read_write);
        EXPECT_TRUE(file);
        return *(*file)->read_at(0, 1u << 20);
    }

    MemoryDisk disk_;
    const std::string a_ = std::string(2048, 'a');
    const std::string b_ = std::string(1024, 'b');
};

TEST_F(MemoryDiskTest, KnowsWhatIsDurable) {
    auto file = create("file");
    write(*file, 0, a_);
    EXPECT_EQ(disk_.durable("file"), "");
    EXPECT_FALSE(disk_.is_durable("file", 0, 1));
    ASSERT_TRUE(file->sync());
    write(*file, 512, b_);
    EXPECT_EQ(disk_.contents("file"), a_.substr(0, 512) + b_ + a_.substr(0, 512));
    EXPECT_EQ(disk_.durable("file"), a_);
    EXPECT_TRUE(disk_.is_durable("file", 0, 512));
    EXPECT_FALSE(disk_.is_durable("file", 500, 20));
    EXPECT_TRUE(disk_.is_durable("file", 1536, 512));
    EXPECT_FALSE(disk_.is_durable("file", 1536, 513)) << "past the end";
    EXPECT_EQ(disk_.durable_contents(), (std::map<std::string, std::string>{{"file", a_}}));
}

TEST_F(MemoryDiskTest, ANameIsDurableAfterASyncOfTheFolderOnly) {
    create("file");
    ASSERT_TRUE(disk_.rename("file", "renamed"));
    EXPECT_TRUE(disk_.durable("file"));
    EXPECT_FALSE(disk_.durable("renamed"));
    EXPECT_FALSE(disk_.is_durable("renamed", 0, 0));
    EXPECT_EQ(disk_.durable_name_with_prefix("ren"), "");
    ASSERT_TRUE(disk_.sync_folder());
    EXPECT_FALSE(disk_.durable("file"));
    EXPECT_EQ(disk_.durable_name_with_prefix("ren"), "renamed");
}

TEST_F(MemoryDiskTest, PowerLossTakesUnsyncedSectorsByChance) {
    auto file = create("file");
    write(*file, 0, std::string(64 * sector_bytes, 'a'));
    ASSERT_TRUE(file->sync());
    write(*file, 100, std::string(40 * sector_bytes, 'b'));
    write(*file, 10 * sector_bytes, "c");  // again in the same sectors
    const std::uint64_t lost = disk_.lose_power();
    EXPECT_GT(lost, 5u);
    EXPECT_LT(lost, 36u);
    const std::string left = disk_.contents("file");
    EXPECT_EQ(left, disk_.durable("file"));
    std::uint64_t old = 0;
    for (std::uint64_t sector = 0; sector < 64; ++sector) {
        old += left.substr(sector * sector_bytes, sector_bytes) == std::string(sector_bytes, 'a');
    }
    EXPECT_EQ(old, lost + 23);
    EXPECT_EQ(disk_.lose_power(), 0u) << "what is left is durable";
}

TEST_F(MemoryDiskTest, AProcessThatEndsLosesNothing) {
    auto file = create("file");
    write(*file, 0, a_);
    disk_.kill();
    EXPECT_EQ(disk_.contents("file"), a_);
    EXPECT_EQ(reopened("file"), a_);
    EXPECT_EQ(disk_.durable("file"), a_) << "opening it to go on syncs it";
}

TEST_F(MemoryDiskTest, AFailedSyncLeavesPagesThatLookCleanUntilTheFileIsOpenedAgain) {
    auto file = create("file");
    write(*file, 0, a_);
    ASSERT_TRUE(file->sync());
    write(*file, 512, b_);
    disk_.fail_next_sync();
    EXPECT_FALSE(file->sync());
    EXPECT_TRUE(file->sync()) << "it lies: nothing is left to do";
    EXPECT_EQ(*file->read_at(512, 4), "bbbb");
    EXPECT_EQ(disk_.durable("file"), a_);
    EXPECT_EQ(reopened("file"), a_);
}

TEST_F(MemoryDiskTest, ALostWriteIsNotNoticedBeforeTheCacheIsGone) {
    auto file = create("file");
    write(*file, 0, a_);
    ASSERT_TRUE(file->sync());
    write(*file, 512, b_);
    disk_.lose_next_write();
    EXPECT_TRUE(file->sync());
    EXPECT_EQ(*file->read_at(512, 4), "bbbb");
    disk_.lose_power();
    EXPECT_EQ(disk_.contents("file"), a_);
}

TEST_F(MemoryDiskTest, AMisdirectedWriteDamagesAnotherPlace) {
    auto file = create("file");
    write(*file, 0, a_);
    ASSERT_TRUE(file->sync());
    write(*file, 0, b_);
    disk_.misdirect_next_write(2);
    EXPECT_TRUE(file->sync());
    EXPECT_EQ(*file->read_at(0, 2048), b_ + a_.substr(1024)) << "as the cache has it";
    disk_.lose_power();
    EXPECT_EQ(disk_.contents("file"), a_.substr(1024) + b_);
    file = std::move(*disk_.open("file", OpenMode::read_write));
    write(*file, 0, b_);
    disk_.misdirect_next_write(-1);
    EXPECT_TRUE(file->sync());
    EXPECT_EQ(reopened("file"), a_.substr(1024) + b_) << "off the file's start";
}

TEST_F(MemoryDiskTest, DamageIsOnTheDeviceAndSeenAtOnce) {
    auto file = create("file");
    write(*file, 0, "abcd");
    ASSERT_TRUE(file->sync());
    disk_.flip_bit("file", 8);
    EXPECT_EQ(disk_.durable("file"), "accd");
    EXPECT_EQ(*file->read_at(0, 4), "accd");
    disk_.damage("file", 3, "xyz");
    EXPECT_EQ(disk_.contents("file"), "accx") << "a file keeps its size";
}

TEST_F(MemoryDiskTest, RunsFullAndEmptyAgain) {
    auto file = create("file");
    disk_.set_capacity(2048);
    write(*file, 0, a_);
    EXPECT_EQ(file->reserve(2049).error().kind, ErrorKind::no_space);
    const std::string_view piece = "x";
    EXPECT_EQ(file->write_at(2048, {&piece, 1}).error().kind, ErrorKind::no_space);
    EXPECT_TRUE(file->write_at(0, {&piece, 1})) << "in its place";
    disk_.set_capacity(std::nullopt);
    EXPECT_TRUE(file->write_at(2048, {&piece, 1}));
}

TEST_F(MemoryDiskTest, WhatIsReservedReadsAsZerosAndIsThereToBeWritten) {
    auto file = create("file");
    write(*file, 0, b_);
    disk_.set_capacity(4096);
    EXPECT_TRUE(file->reserve(3000).value());
    EXPECT_EQ(disk_.contents("file"), b_ + std::string(3000 - 1024, '\0'));
    EXPECT_EQ(disk_.reserved_bytes("file"), 3000u - 1024);
    EXPECT_EQ(create("other")->reserve(1097).error().kind, ErrorKind::no_space);
    disk_.set_capacity(0);
    write(*file, 1024, b_);
    EXPECT_EQ(disk_.reserved_bytes("file"), 3000u - 2048);
    EXPECT_TRUE(file->reserve(100).value()) << "it is longer than that";
    EXPECT_EQ(disk_.contents("file"), b_ + b_ + std::string(3000 - 2048, '\0'));
}

TEST_F(MemoryDiskTest, AFileSystemThatCannotReserveKnowsWhatRoomThereIs) {
    disk_.set_reserves(false);
    disk_.set_capacity(2048);
    auto file = create("file");
    const std::uint64_t operations = disk_.operations();
    EXPECT_FALSE(file->reserve(2048).value());
    EXPECT_EQ(file->reserve(2049).error().kind, ErrorKind::no_space);
    EXPECT_EQ(disk_.contents("file"), "");
    EXPECT_EQ(disk_.operations(), operations) << "nothing was done";
}

// All of it, nothing, or a part; what was written behind the end that is left is gone, and what was
// not written is zero.
TEST_F(MemoryDiskTest, PowerLossTakesWhatAFileGrewByUntilItIsSynced) {
    std::set<std::size_t> sizes;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        MemoryDisk disk(seed);
        auto file = std::move(*disk.open("file", OpenMode::create_new));
        ASSERT_TRUE(disk.sync_folder());
        write(*file, 0, a_);
        ASSERT_TRUE(file->sync());
        ASSERT_TRUE(file->reserve(8192).value());
        EXPECT_EQ(disk.durable("file"), a_);
        write(*file, 2048, b_);
        disk.lose_power();
        const std::string left = disk.contents("file");
        EXPECT_EQ(left.substr(0, 2048), a_);
        EXPECT_EQ(left.find_first_not_of('\0', 3072), std::string::npos);
        sizes.insert(left.size());
    }
    EXPECT_EQ(sizes, (std::set<std::size_t>{2048, 5120, 8192}));
}

TEST_F(MemoryDiskTest, WhatIsReservedIsDurableOnceItIsSynced) {
    auto file = create("file");
    ASSERT_TRUE(file->reserve(5000).value());
    ASSERT_TRUE(file->sync());
    EXPECT_EQ(disk_.durable("file"), std::string(5000, '\0'));
    EXPECT_EQ(disk_.lose_power(), 0u);
    EXPECT_EQ(disk_.contents("file"), std::string(5000, '\0'));
    EXPECT_EQ(disk_.reserved_bytes("file"), 5000u);
}

TEST_F(MemoryDiskTest, ASyncThatFailedOrLiedMakesNoReservationDurable) {
    auto file = create("file");
    ASSERT_TRUE(file->reserve(5000).value());
    disk_.fail_next_sync();
    EXPECT_FALSE(file->sync());
    EXPECT_EQ(disk_.durable("file"), "");
    disk_.lose_next_write();
    EXPECT_TRUE(file->sync());
    EXPECT_EQ(disk_.durable("file"), "");
    EXPECT_EQ(disk_.contents("file").size(), 5000u) << "as processes see it";
}

TEST_F(MemoryDiskTest, AReservationFailsAsAWriteDoes) {
    auto file = create("file");
    disk_.fail_next_write();
    EXPECT_EQ(file->reserve(5000).error().kind, ErrorKind::io);
    EXPECT_EQ(disk_.contents("file"), "");
    EXPECT_TRUE(file->reserve(5000).value()) << "once";
}

TEST_F(MemoryDiskTest, AReservationIsAnOperationThatMayBeDoneByHalf) {
    std::set<std::size_t> sizes;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        MemoryDisk disk(seed);
        auto file = std::move(*disk.open("file", OpenMode::create_new));
        disk.die_at(disk.operations() + 1);
        EXPECT_EQ(file->reserve(5000).error().kind, ErrorKind::io);
        EXPECT_TRUE(disk.died());
        const std::size_t size = disk.contents("file").size();
        EXPECT_LE(size, 5000u);
        sizes.insert(size);
        EXPECT_EQ(file->reserve(6000).error().kind, ErrorKind::io) << "a dead disk does nothing";
        EXPECT_EQ(file->size().error().kind, ErrorKind::io);
        EXPECT_EQ(disk.contents("file").size(), size);
    }
    EXPECT_GT(sizes.size(), 10u);
}

}  // namespace
}  // namespace raftkv::storage
