#include <gtest/gtest.h>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"

namespace raftkv::storage {
namespace {

// A log whose disk has no room for a second segment.
class FullDisk : public testing::TestWithParam<Segments> {
  protected:
    void SetUp() override {
        log_ = open();
        disk_.set_capacity(small_segment + 1000);
    }

    OpenedLog open() { return open_log(disk_, small_segment, GetParam()); }

    raft::LogWrite next_entry() {
        return entries({command(model_.last_index() + 1, term_, std::string(100, 'x'))});
    }

    // Until it is refused.
    void fill() {
        for (int i = 0; i < 100; ++i) {
            auto appended = log_.wal->append(next_entry());
            if (!appended) {
                ASSERT_EQ(appended.error().kind, ErrorKind::no_space);
                return;
            }
            model_.append(next_entry());
            ASSERT_TRUE(log_.wal->sync());
            model_.sync();
        }
        FAIL() << "never full";
    }

    MemoryDisk disk_;
    OpenedLog log_;
    LogModel model_;
    std::uint64_t term_ = 1;
};

INSTANTIATE_TEST_SUITE_P(, FullDisk, testing::Values(Segments::filled, Segments::reserved),
                         testing::PrintToStringParamName());

TEST_P(FullDisk, RefusesEntriesAndTakesThemWhenThereIsRoomAgain) {
    fill();
    EXPECT_FALSE(log_.wal->append(next_entry())) << "and again";
    disk_.set_capacity(10 * small_segment);
    ASSERT_TRUE(log_.wal->append(next_entry()));
    model_.append(next_entry());
    ASSERT_TRUE(log_.wal->sync());
    model_.sync();
    disk_.lose_power();
    EXPECT_EQ(model_.restart(open()), "");
}

TEST_P(FullDisk, NothingOfARefusedWriteIsTaken) {
    fill();
    raft::LogWrite write = replace(2, {command(2, 7, "a"), command(3, 7, std::string(90, 'b'))});
    write.hard_state = raft::HardState{Term(7), NodeId(1)};
    for (int i = 0; i < 10; ++i) {
        write.entries.push_back(
            command(4 + static_cast<std::uint64_t>(i), 7, std::string(90, 'c')));
    }
    ASSERT_FALSE(log_.wal->append(write));
    ASSERT_TRUE(log_.wal->sync());
    EXPECT_EQ(model_.restart(open()), "");
}

TEST_P(FullDisk, TermAndVoteStillFindRoom) {
    fill();
    int kept = 0;
    while (log_.wal->append(vote(++term_, 1))) {
        model_.append(vote(term_, 1));
        ASSERT_TRUE(log_.wal->sync());
        model_.sync();
        ASSERT_LT(++kept, 1000);
    }
    EXPECT_GE(kept, 5) << "a sixteenth of a segment of 5 KiB";
    disk_.lose_power();
    EXPECT_EQ(model_.restart(open()), "");
}

TEST_P(FullDisk, PreparingFailsAndLeavesNothingBehind) {
    fill();
    EXPECT_TRUE(log_.wal->wants_segment());
    auto prepared = log_.wal->prepare_segment();
    ASSERT_FALSE(prepared);
    EXPECT_EQ(prepared.error().kind, ErrorKind::no_space);
    EXPECT_TRUE(log_.wal->wants_segment()) << "so that it is tried again";
    EXPECT_EQ(disk_.all_contents().size(), 3u) << "a segment, its durable end and the identity";
    disk_.set_capacity(10 * small_segment);
    ASSERT_TRUE(log_.wal->prepare_segment());
    disk_.set_capacity(0);
    EXPECT_TRUE(log_.wal->append(next_entry())) << "what is prepared is there to be used";
}

TEST_P(FullDisk, ACommitDoesNotTakeTheRoomOfTermAndVote) {
    fill();
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(log_.wal->append(entries({}, model_.last_index() - 1)));
        ASSERT_TRUE(log_.wal->sync());
        ASSERT_TRUE(log_.wal->mark_idle());
    }
    ASSERT_TRUE(log_.wal->append(vote(9, 1)));
    ASSERT_TRUE(log_.wal->append(vote(10, 1)));
    ASSERT_TRUE(log_.wal->sync());
    EXPECT_EQ(open().recovered.state.hard_state.term, Term(10));
}

TEST_P(FullDisk, ALogThatWasFullOpens) {
    fill();
    log_ = OpenedLog();
    disk_.set_capacity(0);
    EXPECT_EQ(model_.restart(open()), "");
}

TEST(FullDiskAtFirstStart, IsNoSpaceAndLeavesNothingThatHinders) {
    MemoryDisk disk;
    disk.set_capacity(100);
    auto opened = try_open(disk);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::no_space);
    disk.set_capacity(10 * small_segment);
    EXPECT_EQ(open_log(disk).content(), LogContent());
}

}  // namespace
}  // namespace raftkv::storage
