#include "node/storage/wal.hpp"

#include <gtest/gtest.h>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/log_fixture.hpp"

namespace raftkv::storage {
namespace {

TEST(Wal, ANewLogIsEmpty) {
    MemoryDisk disk;
    OpenedLog log = open_log(disk);
    EXPECT_EQ(log.content(), LogContent());
    EXPECT_EQ(log.recovered.state.last_index, LogIndex(0));
    EXPECT_EQ(log.recovered.state.commit, LogIndex(0));
    EXPECT_EQ(log.recovered.repaired, "");
    EXPECT_EQ(log.wal->bytes(), small_segment);
}

TEST(Wal, ComesBackWithAllThatWasSynced) {
    MemoryDisk disk;
    LogModel model;
    {
        OpenedLog log = open_log(disk);
        raft::LogWrite write = entries({noop(1, 2), command(2, 2, "a"), command(3, 2, "")});
        write.hard_state = raft::HardState{Term(2), NodeId(1)};
        model.append(write);
        ASSERT_TRUE(log.wal->append(write));
        ASSERT_TRUE(log.wal->sync());
        model.sync();
    }
    disk.lose_power();
    OpenedLog log = open_log(disk);
    EXPECT_EQ(model.restart(log), "");
    EXPECT_EQ(log.content().entries[0].kind, raft::EntryKind::noop);
    EXPECT_EQ(log.content().entries[2].kind, raft::EntryKind::command);
    EXPECT_EQ(log.recovered.repaired, "");
}

TEST(Wal, NothingIsWrittenBeforeTheSync) {
    MemoryDisk disk;
    OpenedLog log = open_log(disk);
    const std::uint64_t operations = disk.operations();
    ASSERT_TRUE(log.wal->append(vote(1, 1)));
    ASSERT_TRUE(log.wal->append(entries({noop(1, 1)})));
    EXPECT_EQ(disk.operations(), operations);
    ASSERT_TRUE(log.wal->sync());
    EXPECT_EQ(disk.operations(), operations + 2) << "one write and one sync for all of them";
    ASSERT_TRUE(log.wal->sync());
    EXPECT_EQ(disk.operations(), operations + 2) << "and nothing when there is nothing";
}

TEST(Wal, CommittedEntriesAreGivenInOrderAndTheRestIsTheTail) {
    MemoryDisk disk;
    {
        OpenedLog log = open_log(disk);
        ASSERT_TRUE(log.wal->append(entries({command(1, 1, "a"), command(2, 1, "b")}, 0)));
        ASSERT_TRUE(log.wal->append(entries({command(3, 1, "c"), command(4, 1, "d")}, 2)));
        ASSERT_TRUE(log.wal->sync());
    }
    OpenedLog log = open_log(disk);
    EXPECT_EQ(log.recovered.state.commit, LogIndex(2));
    EXPECT_EQ(plain_all(log.committed), plain_all({command(1, 1, "a"), command(2, 1, "b")}));
    EXPECT_EQ(plain_all(log.recovered.state.tail),
              plain_all({command(3, 1, "c"), command(4, 1, "d")}));
}

TEST(Wal, ACommitThatComesAloneIsKept) {
    MemoryDisk disk;
    {
        OpenedLog log = open_log(disk);
        ASSERT_TRUE(log.wal->append(entries({command(1, 1, "a")})));
        ASSERT_TRUE(log.wal->sync());
        ASSERT_TRUE(log.wal->append(entries({}, 1)));
        ASSERT_TRUE(log.wal->sync());
    }
    EXPECT_EQ(open_log(disk).recovered.state.commit, LogIndex(1));
}

TEST(Wal, TruncationVoidsEntriesAndTheirTerms) {
    MemoryDisk disk;
    {
        OpenedLog log = open_log(disk);
        ASSERT_TRUE(
            log.wal->append(entries({command(1, 1, "a"), command(2, 2, "b"), command(3, 3, "c")})));
        ASSERT_TRUE(log.wal->append(replace(2, {command(2, 4, "B")})));
        ASSERT_TRUE(log.wal->sync());
    }
    OpenedLog log = open_log(disk);
    EXPECT_EQ(log.content().entries, plain_all({command(1, 1, "a"), command(2, 4, "B")}));
    const std::vector<raft::TermRun> runs{{LogIndex(1), Term(1)}, {LogIndex(2), Term(4)}};
    EXPECT_EQ(log.recovered.state.term_runs, runs);
}

TEST(Wal, GoesOnFromSegmentToSegment) {
    MemoryDisk disk;
    LogModel model;
    {
        OpenedLog log = open_log(disk);
        ASSERT_TRUE(log.wal->append(vote(1, 2)));
        model.append(vote(1, 2));
        for (std::uint64_t i = 1; i <= 100; ++i) {
            auto write = entries({command(i, 1, "entry " + std::to_string(i))}, i - 1);
            ASSERT_TRUE(log.wal->append(write));
            model.append(write);
            ASSERT_TRUE(log.wal->sync());
        }
        model.sync();
        EXPECT_GT(log.wal->bytes(), 10 * small_segment);
    }
    disk.lose_power();
    OpenedLog log = open_log(disk);
    EXPECT_EQ(model.restart(log), "");
    EXPECT_EQ(log.recovered.state.commit, LogIndex(99));
}

TEST(Wal, OneWriteMayFillManySegments) {
    MemoryDisk disk;
    LogModel model;
    raft::LogWrite write = vote(1, std::nullopt);
    for (std::uint64_t i = 1; i <= 50; ++i) {
        write.entries.push_back(command(i, 1, std::string(i * 11, 'x')));
    }
    {
        OpenedLog log = open_log(disk);
        ASSERT_TRUE(log.wal->append(write));
        ASSERT_TRUE(log.wal->sync());
        model.append(write);
        model.sync();
    }
    disk.lose_power();
    EXPECT_EQ(model.restart(open_log(disk)), "");
}

TEST(Wal, LargePayloadsAreKeptByteForByte) {
    MemoryDisk disk;
    LogModel model;
    {
        OpenedLog log = open_log(disk, 4u << 20);
        for (std::uint64_t i = 1; i <= 12; ++i) {
            std::string payload;
            while (payload.size() < i * 60'000 + i) {
                payload += std::to_string(payload.size() * i);
            }
            auto write = entries({command(i, 1, payload), command(i + 1, 1, "short")});
            write.entries.pop_back();
            ASSERT_TRUE(log.wal->append(write));
            model.append(write);
        }
        ASSERT_TRUE(log.wal->sync());
        model.sync();
    }
    EXPECT_EQ(model.restart(open_log(disk, 4u << 20)), "");
}

TEST(Wal, SegmentsOfAnotherSizeRemainReadable) {
    MemoryDisk disk;
    LogModel model;
    std::uint64_t next = 1;
    for (std::uint64_t size : {small_segment, 4 * small_segment, 2 * small_segment}) {
        OpenedLog log = open_log(disk, size);
        EXPECT_EQ(model.restart(log), "");
        for (int i = 0; i < 60; ++i, ++next) {
            auto write = entries({command(next, 1, "some payload")});
            ASSERT_TRUE(log.wal->append(write));
            model.append(write);
        }
        ASSERT_TRUE(log.wal->sync());
        model.sync();
    }
    EXPECT_EQ(model.restart(open_log(disk)), "");
}

TEST(Wal, TheNextSegmentIsWantedWhenThisOneFillsAndThenTaken) {
    MemoryDisk disk;
    OpenedLog log = open_log(disk, 16 * small_segment);
    EXPECT_FALSE(log.wal->wants_segment()) << "a log of no records takes one segment only";
    std::uint64_t next = 1;
    auto append_one = [&] {
        ASSERT_TRUE(log.wal->append(entries({command(next, 1, std::string(1000, 'x'))})));
        ASSERT_TRUE(log.wal->sync());
        ++next;
    };
    while (!log.wal->wants_segment()) {
        ASSERT_LT(next, 100u);
        append_one();
    }
    ASSERT_TRUE(log.wal->prepare_segment());
    EXPECT_FALSE(log.wal->wants_segment());
    EXPECT_EQ(log.wal->bytes(), 16 * small_segment) << "what is prepared is not yet in the log";
    disk.set_capacity(0);  // nothing more can be prepared: the prepared one has to be used
    while (log.wal->bytes() == 16 * small_segment) {
        ASSERT_LT(next, 100u);
        append_one();
    }
    EXPECT_EQ(log.wal->bytes(), 2 * 16 * small_segment);
}

TEST(WalDeath, BrokenInvariantsEndTheProcess) {
    MemoryDisk disk;
    OpenedLog log = open_log(disk);
    ASSERT_TRUE(log.wal->append(vote(5, 1)));
    ASSERT_TRUE(log.wal->append(entries({noop(1, 5), noop(2, 5)}, 1)));
    auto append = [&](const raft::LogWrite& write) { return log.wal->append(write).ok(); };
    EXPECT_DEATH(append(vote(4, 1)), "invariant") << "the term goes back";
    EXPECT_DEATH(append(vote(5, 2)), "invariant") << "a second vote in a term";
    EXPECT_DEATH(append(vote(5, std::nullopt)), "invariant") << "a vote forgotten";
    EXPECT_DEATH(append(entries({noop(4, 5)})), "invariant") << "a gap";
    EXPECT_DEATH(append(entries({noop(3, 4)})), "invariant") << "a term before the last entry's";
    EXPECT_DEATH(append(replace(1, {})), "invariant") << "a committed entry is truncated";
    EXPECT_DEATH(append(entries({}, 3)), "invariant") << "a commit past the end";
}

}  // namespace
}  // namespace raftkv::storage
