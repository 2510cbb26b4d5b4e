#include <gtest/gtest.h>

#include <algorithm>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"

namespace raftkv::storage {
namespace {

constexpr const char* segment = "wal-0000000001-00000000000000000001";
constexpr std::size_t first_record = 4096;

// Three entries of 56 bytes each; the third was never acknowledged.
class TornTail : public testing::Test {
  protected:
    void SetUp() override {
        OpenedLog log = open_log(disk_);
        ASSERT_TRUE(log.wal->append(entries({command(1, 1, "one"), command(2, 1, "two")})));
        ASSERT_TRUE(log.wal->sync());
        ASSERT_TRUE(log.wal->append(entries({command(3, 1, "three")})));
        ASSERT_TRUE(log.wal->sync());
        bytes_ = disk_.contents(segment);
        bytes_[third + 3] ^= 1;
        disk_.set_contents(segment, bytes_);
    }

    std::vector<std::string> copies() {
        std::vector<std::string> names;
        for (const auto& [name, bytes] : disk_.all_contents()) {
            if (name.starts_with("torn-")) {
                names.push_back(name);
            }
        }
        return names;
    }

    static constexpr std::size_t third = first_record + 2 * 56;
    MemoryDisk disk_;
    std::string bytes_;
};

TEST_F(TornTail, IsCutOffKeptAsideAndReported) {
    OpenedLog log = open_log(disk_);
    EXPECT_EQ(log.content().entries, plain_all({command(1, 1, "one"), command(2, 1, "two")}));
    ASSERT_EQ(copies().size(), 1u);
    EXPECT_EQ(disk_.contents(copies()[0]), bytes_.substr(third, 56));
    for (const std::string& word : {std::string(segment), std::string("offset 4208"),
                                    std::string("after entry 2"), copies()[0]}) {
        EXPECT_NE(log.recovered.repaired.find(word), std::string::npos)
            << "no " << word << " in: " << log.recovered.repaired;
    }
    EXPECT_EQ(disk_.contents(segment).find_first_not_of('\0', third), std::string::npos);
}

TEST_F(TornTail, IsReportedOnce) {
    open_log(disk_);
    disk_.lose_power();
    OpenedLog again = open_log(disk_);
    EXPECT_EQ(again.recovered.repaired, "");
    EXPECT_EQ(again.content().entries.size(), 2u);
    EXPECT_EQ(copies().size(), 1u);
}

TEST_F(TornTail, IsDamageWhenALaterRecordKnowsItToBeSynced) {
    bytes_[third + 3] ^= 1;
    disk_.set_contents(segment, bytes_);
    {
        OpenedLog log = open_log(disk_);
        ASSERT_TRUE(log.wal->append(entries({command(4, 1, "four")})));
        ASSERT_TRUE(log.wal->sync());
    }
    bytes_ = disk_.contents(segment);
    bytes_[third + 3] ^= 1;
    disk_.set_contents(segment, bytes_);
    const auto before = disk_.all_contents();
    auto opened = try_open(disk_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
    for (const std::string& word :
         {std::string(segment), std::string("offset 4208"), std::string("entry 3")}) {
        EXPECT_NE(opened.error().message.find(word), std::string::npos) << opened.error().message;
    }
    EXPECT_EQ(disk_.all_contents(), before);
}

TEST_F(TornTail, OfAnIdleLogCannotBe) {
    bytes_[third + 3] ^= 1;
    disk_.set_contents(segment, bytes_);
    {
        OpenedLog log = open_log(disk_);
        const std::uint64_t operations = disk_.operations();
        ASSERT_TRUE(log.wal->mark_idle());
        EXPECT_EQ(disk_.operations(), operations + 2);
        ASSERT_TRUE(log.wal->mark_idle());
        EXPECT_EQ(disk_.operations(), operations + 2) << "a second mark has nothing to add";
    }
    {
        OpenedLog log = open_log(disk_);
        const std::uint64_t operations = disk_.operations();
        ASSERT_TRUE(log.wal->mark_idle());
        EXPECT_EQ(disk_.operations(), operations) << "nor has one after a restart";
    }
    bytes_ = disk_.contents(segment);
    bytes_[third + 3] ^= 1;
    disk_.set_contents(segment, bytes_);
    EXPECT_FALSE(try_open(disk_));
}

// Entries that a torn tail cost, and other entries at the same places later: the bytes of the
// former must not come back behind the latter.
TEST_F(TornTail, NeverComesBack) {
    for (int round = 0; round < 6; ++round) {
        OpenedLog log = open_log(disk_);
        ASSERT_EQ(log.content().entries.size(), 2u);
        ASSERT_TRUE(log.wal->append(entries({command(3, 1, "3" + std::to_string(round))})));
        ASSERT_TRUE(log.wal->append(entries({command(4, 1, "four"), command(5, 1, "five")})));
        ASSERT_TRUE(log.wal->sync());
        std::string torn = disk_.contents(segment);
        torn[third + 48] ^= 1;
        disk_.set_contents(segment, torn);
    }
    OpenedLog log = open_log(disk_);
    EXPECT_EQ(log.content().entries.size(), 2u);
}

TEST_F(TornTail, OnlyTheNewestCopiesAreKept) {
    for (int round = 0; round < 20; ++round) {
        open_log(disk_);
        disk_.set_contents(segment, bytes_);
    }
    EXPECT_LE(copies().size(), 8u);
}

TEST_F(TornTail, IsCutOffOnAFullDiskWithoutACopy) {
    disk_.set_capacity(0);
    OpenedLog log = open_log(disk_);
    EXPECT_EQ(log.content().entries.size(), 2u);
    EXPECT_NE(log.recovered.repaired.find("no space to keep a copy"), std::string::npos)
        << log.recovered.repaired;
    EXPECT_TRUE(copies().empty());
}

// The only record that knows the damaged one to be synced may stand anywhere behind it, also across
// the border of two blocks that recovery reads one after another.
TEST(TornTailScan, FindsTheRecordThatVouchesAcrossBlocks) {
    constexpr std::uint64_t large_segment = 4u << 20;
    constexpr std::size_t block = 1u << 20;
    // The first segment is too small for these entries.
    constexpr const char* second = "wal-0000000002-00000000000000000001";
    for (std::size_t size = block - 96; size <= block + 8; size += 8) {
        MemoryDisk disk;
        {
            OpenedLog log = open_log(disk, large_segment);
            ASSERT_TRUE(log.wal->append(entries({command(1, 1, std::string(size, 'x'))})));
            ASSERT_TRUE(log.wal->sync());
            ASSERT_TRUE(log.wal->mark_idle());
        }
        std::string bytes = disk.contents(second);
        bytes[first_record + 1000] ^= 1;
        disk.set_contents(second, bytes);
        auto opened = try_open(disk, large_segment);
        ASSERT_FALSE(opened) << size;
        EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
    }
}

// Bytes of an earlier file in a place that was never written: with the same place and content,
// but another salt.
TEST(StaleBytes, OfAnotherFileAreNoRecords) {
    MemoryDisk old_disk(1);
    {
        OpenedLog log = open_log(old_disk);
        for (std::uint64_t i = 1; i <= 5; ++i) {
            ASSERT_TRUE(log.wal->append(entries({command(i, 1, "old")})));
            ASSERT_TRUE(log.wal->sync());
        }
    }
    MemoryDisk disk(2);
    {
        OpenedLog log = open_log(disk);
        ASSERT_TRUE(log.wal->append(entries({command(1, 1, "new")})));
        ASSERT_TRUE(log.wal->sync());
    }
    const std::string stale = old_disk.contents(segment);
    std::string bytes = disk.contents(segment);
    std::copy(stale.begin() + first_record + 56, stale.end(), bytes.begin() + first_record + 56);
    disk.set_contents(segment, bytes);
    OpenedLog log = open_log(disk);
    EXPECT_EQ(log.content().entries, plain_all({command(1, 1, "new")}));
    EXPECT_NE(log.recovered.repaired, "");
}

}  // namespace
}  // namespace raftkv::storage
