#include <gtest/gtest.h>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"

// After a failed write or sync nobody knows what the device holds: the log says so once and for
// all, and the next process asks the device, not the page cache.

namespace raftkv::storage {
namespace {

class WalIoError : public testing::TestWithParam<Segments> {
  protected:
    void SetUp() override {
        log_ = open();
        ASSERT_TRUE(log_.wal->append(entries({command(1, 1, "one")})));
        ASSERT_TRUE(log_.wal->sync());
    }

    OpenedLog open() { return open_log(disk_, small_segment, GetParam()); }

    void expect_broken() {
        auto synced = log_.wal->sync();
        ASSERT_FALSE(synced);
        EXPECT_EQ(synced.error().kind, ErrorKind::io);
        // Whoever tries again is not told that all is well.
        for (int i = 0; i < 2; ++i) {
            EXPECT_FALSE(log_.wal->sync());
            EXPECT_FALSE(log_.wal->mark_idle());
            EXPECT_FALSE(log_.wal->append(vote(2, 1)));
            EXPECT_FALSE(log_.wal->read(LogIndex(1), LogIndex(1), 100));
        }
    }

    MemoryDisk disk_;
    OpenedLog log_;
};

INSTANTIATE_TEST_SUITE_P(, WalIoError, testing::Values(Segments::filled, Segments::reserved),
                         testing::PrintToStringParamName());

TEST_P(WalIoError, OfASyncIsFinal) {
    ASSERT_TRUE(log_.wal->append(entries({command(2, 1, "two")})));
    disk_.fail_next_sync();
    expect_broken();
}

TEST_P(WalIoError, OfAWriteIsFinal) {
    ASSERT_TRUE(log_.wal->append(entries({command(2, 1, "two")})));
    disk_.fail_next_write();
    expect_broken();
}

TEST_P(WalIoError, OfPreparingInAppendIsFinal) {
    disk_.fail_next_sync();
    auto appended = log_.wal->append(
        entries({command(2, 1, std::string(600, 'x')), command(3, 1, std::string(600, 'x'))}));
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().kind, ErrorKind::io);
    expect_broken();
}

TEST_P(WalIoError, OfMakingRoomInAppendIsFinal) {
    disk_.fail_next_write();
    auto appended = log_.wal->append(
        entries({command(2, 1, std::string(600, 'x')), command(3, 1, std::string(600, 'x'))}));
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().kind, ErrorKind::io);
    expect_broken();
    log_ = OpenedLog();
    disk_.kill();
    EXPECT_EQ(open().content().entries, plain_all({command(1, 1, "one")}));
    EXPECT_EQ(disk_.all_contents().size(), 3u) << "a segment, its durable end and the identity";
}

TEST_P(WalIoError, PagesThatAFailedSyncLeftBehindAreNotTrustedByTheNextProcess) {
    ASSERT_TRUE(log_.wal->append(entries({command(2, 1, "two")})));
    disk_.fail_next_sync();
    EXPECT_FALSE(log_.wal->sync());
    log_ = OpenedLog();
    disk_.kill();
    OpenedLog again = open();
    EXPECT_EQ(again.content().entries, plain_all({command(1, 1, "one")}))
        << "the second entry is in the page cache alone";
}

// The other side of the same coin: what a killed process had written but not yet synced is either
// made durable before it is trusted, or not trusted.
TEST_P(WalIoError, WhatAKilledProcessHadWrittenIsDurableOnceItIsTrusted) {
    ASSERT_TRUE(log_.wal->append(entries({command(2, 1, "two")})));
    disk_.die_at(disk_.operations() + 2);  // its sync
    EXPECT_FALSE(log_.wal->sync());
    log_ = OpenedLog();
    disk_.kill();
    const LogContent trusted = open().content();
    EXPECT_EQ(trusted.entries.size(), 2u);
    disk_.lose_power();
    EXPECT_EQ(open().content(), trusted);
}

TEST_P(WalIoError, AtTheStartIsAnErrorOfTheStart) {
    log_ = OpenedLog();
    disk_.fail_next_sync();
    auto opened = try_open(disk_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::io);
}

}  // namespace
}  // namespace raftkv::storage
