#include "node/storage/durable_end.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"

// A log whose end is gone, and the file that tells.

namespace raftkv::storage {
namespace {

class LostTail : public testing::Test {
  protected:
    // Fills more than one segment; nothing is noted but by the log itself.
    void fill_segments() {
        OpenedLog log = open_log(disk_);
        for (std::uint64_t index = 1; index <= 20; ++index) {
            ASSERT_TRUE(log.wal->append(entries({command(index, 1, std::string(100, 'x'))})));
            ASSERT_TRUE(log.wal->sync());
        }
        ASSERT_NE(newest_segment(disk_), first_segment_);
    }
    void write_and_note() {
        OpenedLog log = open_log(disk_);
        ASSERT_TRUE(log.wal->append(entries({command(1, 1, "one"), command(2, 1, "two")})));
        ASSERT_TRUE(log.wal->sync());
        EXPECT_TRUE(log.wal->wants_note());
        ASSERT_TRUE(log.wal->note_durable());
        EXPECT_FALSE(log.wal->wants_note());
    }
    void expect_missed() {
        const auto before = disk_.all_contents();
        const auto opened = try_open(disk_);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
        for (const char* words : {"the end of the log is missing", "memory/durable",
                                  "Nothing was changed", "raftkv cluster remove 2"}) {
            EXPECT_NE(opened.error().message.find(words), std::string::npos)
                << opened.error().message;
        }
        EXPECT_EQ(disk_.all_contents(), before);
    }

    static constexpr const char* first_segment_ = "wal-0000000001-00000000000000000001";
    MemoryDisk disk_;
};

TEST_F(LostTail, ThatIsTheLastSegmentIsMissed) {
    fill_segments();
    disk_.forget(newest_segment(disk_));
    expect_missed();
}

TEST_F(LostTail, ThatIsSeveralSegmentsIsMissed) {
    fill_segments();
    while (newest_segment(disk_) != first_segment_) disk_.forget(newest_segment(disk_));
    expect_missed();
}

TEST_F(LostTail, OfZerosIsMissedWhereItWasNoted) {
    write_and_note();
    const std::string bytes = disk_.contents(first_segment_);
    constexpr std::size_t second_record = 4096 + 56;
    disk_.damage(first_segment_, second_record, std::string(bytes.size() - second_record, '\0'));
    expect_missed();
}

TEST_F(LostTail, OfAnOlderCopyIsMissed) {
    open_log(disk_);
    const std::string before = disk_.contents(first_segment_);
    write_and_note();
    disk_.set_contents(first_segment_, before);
    expect_missed();
}

TEST_F(LostTail, ThatAnotherSegmentTookThePlaceOfIsMissed) {
    write_and_note();
    MemoryDisk other(7);
    OpenedLog log = open_log(other);
    ASSERT_TRUE(log.wal->append(entries({command(1, 1, "one"), command(2, 1, "two")})));
    ASSERT_TRUE(log.wal->sync());
    disk_.set_contents(first_segment_, other.contents(first_segment_));
    expect_missed();
}

TEST_F(LostTail, IsNoneWhereACrashTookWhatWasNeverSynced) {
    write_and_note();
    {
        OpenedLog log = open_log(disk_);
        ASSERT_TRUE(log.wal->append(entries({command(3, 1, "three")})));
    }
    disk_.lose_power();
    EXPECT_EQ(open_log(disk_).content().entries.size(), 2u);
}

TEST_F(LostTail, ALogThatIsOlderThanTheFileGetsOne) {
    write_and_note();
    disk_.forget(durable_end_name);
    EXPECT_EQ(open_log(disk_).content().entries.size(), 2u);
    const auto end = find_durable_end(disk_);
    ASSERT_TRUE(end && *end);
    EXPECT_EQ((*end)->last_index, LogIndex(2));
}

TEST_F(LostTail, AFullDiskHasNoRoomForTheFileAndTheLogGoesOn) {
    write_and_note();
    disk_.forget(durable_end_name);
    disk_.set_capacity(0);
    OpenedLog log = open_log(disk_);
    ASSERT_TRUE(log.wal->append(entries({command(3, 1, "three")})));
    ASSERT_TRUE(log.wal->sync());
    EXPECT_EQ(log.wal->note_durable().error().kind, ErrorKind::no_space);
    disk_.set_capacity(std::nullopt);
    EXPECT_TRUE(log.wal->note_durable());
    EXPECT_EQ((*find_durable_end(disk_))->last_index, LogIndex(3));
}

// Whatever of a write comes to be, the file says what it said before or what it should say now.
TEST(DurableEnd, SurvivesACrashAtEveryOperation) {
    const DurableEnd first{.sequence = 3, .salt = 9, .offset = 4152, .last_index = LogIndex(12)};
    const DurableEnd second{.sequence = 3, .salt = 9, .offset = 5000, .last_index = LogIndex(15)};
    for (std::uint64_t at = 1; at <= 2; ++at) {
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            MemoryDisk disk(seed);
            DurableEndFile file(disk);
            file.reached(first);
            ASSERT_TRUE(file.write());
            file.reached(second);
            disk.die_at(disk.operations() + at);
            ASSERT_FALSE(file.write());
            disk.lose_power();
            const auto found = find_durable_end(disk);
            ASSERT_TRUE(found) << found.error().message;
            ASSERT_TRUE(*found == first || *found == second);
        }
    }
}

TEST(DurableEnd, IsWrittenOnlyWhenItIsNews) {
    MemoryDisk disk;
    DurableEndFile file(disk);
    ASSERT_TRUE(file.write());
    EXPECT_TRUE(disk.all_contents().empty());
    file.reached({.sequence = 1, .salt = 2, .offset = 4096, .last_index = {}});
    ASSERT_TRUE(file.write());
    const std::uint64_t operations = disk.operations();
    ASSERT_TRUE(file.write());
    EXPECT_EQ(disk.operations(), operations);
    file.reached({.sequence = 1, .salt = 2, .offset = 4152, .last_index = LogIndex(1)});
    ASSERT_TRUE(file.write());
    EXPECT_EQ(disk.operations(), operations + 2) << "one write and one sync";
}

TEST(DurableEnd, ThatMakesNoSenseIsDamage) {
    MemoryDisk disk;
    DurableEndFile file(disk);
    file.reached({.sequence = 1, .salt = 2, .offset = 4096, .last_index = {}});
    ASSERT_TRUE(file.write());
    disk.flip_bit(durable_end_name, 100);
    EXPECT_TRUE(find_durable_end(disk)) << "the other place says it, too";
    disk.flip_bit(durable_end_name, durable_end_place_bytes * 8 + 100);
    const auto found = find_durable_end(disk);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().kind, ErrorKind::corrupt);
    for (const char* bytes : {"", "x"}) {
        disk.set_contents(durable_end_name, bytes);
        EXPECT_FALSE(find_durable_end(disk));
    }
}

}  // namespace
}  // namespace raftkv::storage
