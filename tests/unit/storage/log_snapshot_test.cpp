#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/test/simulation/memory_disk.hpp"
#include "node/storage/segment.hpp"
#include "node/storage/snapshot_format.hpp"
#include "tests/unit/storage/log_fixture.hpp"
#include "tests/unit/storage/snapshot_fixture.hpp"

// A log that forgets its beginning, and one that jumps.

namespace raftkv::storage {
namespace {

class LogSnapshot : public testing::Test {
  protected:
    // Entries 1 to `last` of term 1, all but the last few committed; some six of them a segment.
    void SetUp() override { fill(30); }

    void fill(std::uint64_t last) {
        while (model_.last_index() < last) {
            const std::uint64_t next = model_.last_index() + 1;
            append(entries({command(next, 1, "payload " + std::to_string(next))},
                           std::max<std::uint64_t>(next, 4) - 4));
        }
    }

    void append(const raft::LogWrite& write) {
        if (write.snapshot) {
            ASSERT_TRUE(place_snapshot(disk_, write.snapshot->id));
        }
        ASSERT_TRUE(log_.wal->append(write));
        model_.append(write);
        ASSERT_TRUE(log_.wal->sync());
        model_.sync();
    }

    void restart() {
        log_ = OpenedLog();
        disk_.lose_power();
        log_ = open_log(disk_);
        ASSERT_EQ(model_.restart(log_), "");
    }

    void clean_up() {
        ASSERT_TRUE(log_.wal->wants_clean_up());
        ASSERT_TRUE(log_.wal->clean_up());
        ASSERT_FALSE(log_.wal->wants_clean_up());
    }

    std::vector<SegmentName> segments() const {
        std::vector<SegmentName> found;
        for (const auto& [name, bytes] : disk_.all_contents()) {
            if (auto segment = parse_segment_name(name)) {
                found.push_back(*segment);
            }
        }
        return found;
    }

    std::vector<std::uint64_t> snapshots() const {
        std::vector<std::uint64_t> found;
        for (const auto& [name, bytes] : disk_.all_contents()) {
            if (auto index = parse_snapshot_name(name)) {
                found.push_back(index->value());
            }
        }
        return found;
    }

    std::vector<PlainEntry> read(std::uint64_t from, std::uint64_t to) {
        auto entries = log_.wal->read(LogIndex(from), LogIndex(to), 1u << 20);
        EXPECT_TRUE(entries);
        return plain_all(*entries);
    }

    // Refused as damaged, with these words; nothing is changed.
    void expect_corrupt(const std::vector<std::string>& words) {
        log_ = OpenedLog();
        const auto before = disk_.all_contents();
        auto opened = try_open(disk_);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().kind, ErrorKind::corrupt);
        for (const std::string& word : words) {
            EXPECT_NE(opened.error().message.find(word), std::string::npos)
                << "no " << word << " in: " << opened.error().message;
        }
        EXPECT_EQ(disk_.all_contents(), before);
    }

    MemoryDisk disk_;
    OpenedLog log_ = open_log(disk_);
    LogModel model_;
};

TEST_F(LogSnapshot, MakesOlderSegmentsAndSnapshotsGo) {
    append(snapshot(10, 1, 11));
    clean_up();
    ASSERT_EQ(snapshots(), std::vector<std::uint64_t>{10});
    const std::size_t before = segments().size();
    append(snapshot(20, 1, 21));
    EXPECT_EQ(snapshots(), (std::vector<std::uint64_t>{10, 20})) << "not on the thread that syncs";
    EXPECT_EQ(segments().size(), before);
    clean_up();
    EXPECT_EQ(snapshots(), std::vector<std::uint64_t>{20});
    EXPECT_LT(segments().size(), before);
    EXPECT_GT(segments().front().first_index, LogIndex(11));
    EXPECT_LE(segments().front().first_index, LogIndex(21));
    EXPECT_EQ(log_.wal->bytes(), segments().size() * small_segment);
    EXPECT_EQ(log_.wal->snapshot_bytes(), disk_.contents(snapshot_name(LogIndex(20))).size());
    restart();
    EXPECT_EQ(log_.snapshot->index, LogIndex(20));
    EXPECT_EQ(log_.chunks.at(0), "the state after entry 20");
    EXPECT_EQ(log_.committed.front().index, LogIndex(21));
    EXPECT_EQ(log_.recovered.state.term_before_first, Term(1));
    EXPECT_EQ(log_.recovered.state.last_index, LogIndex(30));
}

TEST_F(LogSnapshot, KeepsTheEntriesThatAreStillWanted) {
    append(snapshot(20, 1, 9));
    clean_up();
    EXPECT_LE(segments().front().first_index, LogIndex(9));
    EXPECT_EQ(read(9, 30).size(), 22u);
    restart();
    EXPECT_LE(log_.recovered.state.first_index, LogIndex(9));
    EXPECT_EQ(read(9, 30).size(), 22u);
    EXPECT_EQ(log_.committed.front().index, LogIndex(21)) << "what the snapshot has is not given";
}

TEST_F(LogSnapshot, WhatIsGoneIsNotRead) {
    append(snapshot(20, 1, 21));
    EXPECT_TRUE(read(1, 30).empty());
    EXPECT_EQ(read(21, 30).size(), 10u);
    clean_up();
    EXPECT_TRUE(read(1, 30).empty());
    EXPECT_EQ(read(21, 30).size(), 10u);
}

TEST_F(LogSnapshot, ThatCountsNotYetRemovesNothing) {
    ASSERT_TRUE(place_snapshot(disk_, {LogIndex(20), Term(1)}));
    ASSERT_TRUE(log_.wal->append(snapshot(20, 1, 21)));
    EXPECT_FALSE(log_.wal->wants_clean_up());
    ASSERT_TRUE(log_.wal->sync());
    EXPECT_TRUE(log_.wal->wants_clean_up());
}

TEST_F(LogSnapshot, OfAStateThatTheLogDoesNotHaveVoidsIt) {
    append(snapshot(100, 3, 101));
    EXPECT_TRUE(read(1, 30).empty());
    clean_up();
    EXPECT_EQ(segments().size(), 1u);
    restart();
    EXPECT_EQ(log_.recovered.state.first_index, LogIndex(101));
    EXPECT_EQ(log_.recovered.state.term_before_first, Term(3));
    EXPECT_EQ(log_.recovered.state.last_index, LogIndex(100));
    EXPECT_EQ(log_.recovered.state.commit, LogIndex(100));
    append(entries({command(101, 3, "after"), command(102, 4, "more")}, 101));
    restart();
    EXPECT_EQ(read(101, 102), plain_all({command(101, 3, "after"), command(102, 4, "more")}));
}

TEST_F(LogSnapshot, OfAnotherTermThanTheLogsEntryVoidsIt) {
    append(snapshot(28, 2, 29));
    EXPECT_EQ(model_.last_index(), 28u);
    restart();
    EXPECT_EQ(log_.recovered.state.first_index, LogIndex(29));
    EXPECT_TRUE(log_.recovered.state.tail.empty());
}

TEST_F(LogSnapshot, InOneWriteWithWhatComesAfterIt) {
    raft::LogWrite write = snapshot(100, 3, 101);
    write.hard_state = raft::HardState{Term(4), NodeId(1)};
    write.entries = {command(101, 4, "after")};
    write.commit = LogIndex(101);
    append(write);
    restart();
    EXPECT_EQ(log_.recovered.state.commit, LogIndex(101));
}

TEST_F(LogSnapshot, MayComeBehindEntriesThatItVoids) {
    ASSERT_TRUE(log_.wal->append(entries({command(31, 1, "void soon"), command(32, 1, "void")})));
    model_.append(entries({command(31, 1, "void soon"), command(32, 1, "void")}));
    append(snapshot(100, 3, 101));
    restart();
}

// A truncation may be all that the log has left of entries in a segment that is gone.
TEST_F(LogSnapshot, WorksWhereEntriesWereReplacedBefore) {
    for (std::uint64_t term = 2; term <= 9; ++term) {
        const std::uint64_t from = model_.commit() + 1;
        append(replace(from, {command(from, term, std::string(300, 'x')),
                              command(from + 1, term, std::string(500, 'y'))}));
        append(entries({command(from + 2, term, "z")}, from));
        append(snapshot(from, term, from + 1));
        clean_up();
        restart();
    }
}

TEST_F(LogSnapshot, StaysWhenTheLogMovesOnToOtherSegments) {
    append(snapshot(20, 1, 21));
    clean_up();
    fill(80);
    restart();
    EXPECT_EQ(log_.snapshot->index, LogIndex(20));
    EXPECT_EQ(read(21, 80).size(), 60u);
}

TEST_F(LogSnapshot, WithoutAMarkInTheLogIsALeftover) {
    append(snapshot(10, 1, 11));
    ASSERT_TRUE(place_snapshot(disk_, {LogIndex(20), Term(1)}));
    ASSERT_TRUE(place_snapshot(disk_, {LogIndex(21), Term(1)}));
    disk_.set_contents(snapshot_name(LogIndex(22)), "and damaged at that");
    disk_.set_contents("snapshot-00000000000000000099.tmp", "half written");
    disk_.set_contents("snapshot-00000000000000000099.part", "half received");
    restart();
    EXPECT_EQ(log_.snapshot->index, LogIndex(10));
    EXPECT_EQ(snapshots(), std::vector<std::uint64_t>{10});
    EXPECT_FALSE(disk_.all_contents().contains("snapshot-00000000000000000099.tmp"));
    EXPECT_FALSE(disk_.all_contents().contains("snapshot-00000000000000000099.part"));
}

TEST_F(LogSnapshot, InAFolderWhoseLogKnowsNoneIsALeftover) {
    ASSERT_TRUE(place_snapshot(disk_, {LogIndex(20), Term(1)}));
    restart();
    EXPECT_FALSE(log_.snapshot);
    EXPECT_TRUE(snapshots().empty());
}

TEST_F(LogSnapshot, ThatNeverCountedGoesWithTheOlderOnes) {
    append(snapshot(10, 1, 11));
    ASSERT_TRUE(place_snapshot(disk_, {LogIndex(15), Term(1)}));
    append(snapshot(20, 1, 21));
    clean_up();
    EXPECT_EQ(snapshots(), std::vector<std::uint64_t>{20});
}

TEST_F(LogSnapshot, WhatACrashKeptFromBeingRemovedIsRemovedLater) {
    append(snapshot(20, 1, 21));
    const std::size_t before = segments().size();
    restart();
    EXPECT_EQ(segments().size(), before);
    clean_up();
    EXPECT_LT(segments().size(), before);
    restart();
}

// A loss of power brings back one that was removed, and not the one behind it.
TEST_F(LogSnapshot, ASegmentBeforeAGapIsALeftover) {
    const SegmentName first = segments().front();
    const std::string bytes = disk_.contents(first.name);
    append(snapshot(20, 1, 21));
    clean_up();
    ASSERT_GT(segments().front().sequence, 2u);
    disk_.set_contents(first.name, bytes);
    restart();
    EXPECT_GT(segments().front().sequence, 2u);
}

// --- what is missing or damaged

TEST_F(LogSnapshot, ThatCountsAndIsGoneIsMissed) {
    append(snapshot(20, 1, 21));
    ASSERT_TRUE(disk_.remove(snapshot_name(LogIndex(20))));
    expect_corrupt({"missing", snapshot_name(LogIndex(20)), "raftkv cluster rebuild"});
}

TEST_F(LogSnapshot, ThatCountsAndIsDamagedIsRefused) {
    append(snapshot(20, 1, 21));
    clean_up();
    disk_.flip_bit(snapshot_name(LogIndex(20)), 8 * 80 + 3);
    expect_corrupt({snapshot_name(LogIndex(20)), "offset", "raftkv cluster rebuild"});
}

TEST_F(LogSnapshot, OfAnotherTermThanTheLogKnowsIsRefused) {
    append(snapshot(20, 1, 21));
    ASSERT_TRUE(place_snapshot(disk_, {LogIndex(20), Term(7)}));
    expect_corrupt({"is of term 7", "term 1"});
}

TEST_F(LogSnapshot, OfAnotherClusterIsRefused) {
    append(snapshot(20, 1, 21));
    ASSERT_TRUE(write_snapshot(disk_, {0x9999, {LogIndex(20), Term(1)}, ""}, {"a"}));
    log_ = OpenedLog();
    auto opened = try_open(disk_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::usage);
    EXPECT_NE(opened.error().message.find("cluster 0000000000009999"), std::string::npos);
}

TEST_F(LogSnapshot, AMissingSegmentThatItDoesNotReplaceIsMissed) {
    append(snapshot(20, 1, 9));
    clean_up();
    const auto left = segments();
    ASSERT_GE(left.size(), 3u);
    const SegmentName& missing = left[left.size() - 2];
    ASSERT_GT(left.back().first_index, LogIndex(21));
    ASSERT_TRUE(disk_.remove(missing.name));
    expect_corrupt({"segment " + std::to_string(missing.sequence) + " is missing", left.back().name,
                    "raftkv cluster add"});
}

TEST_F(LogSnapshot, WithoutItsFileIsNotMarked) {
    auto appended = log_.wal->append(snapshot(20, 1, 21));
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().kind, ErrorKind::io);
    EXPECT_FALSE(log_.wal->sync());
}

TEST_F(LogSnapshot, FindsRoomOnAFullDiskAndMakesMore) {
    disk_.set_capacity(0);
    std::uint64_t next = model_.last_index() + 1;
    while (log_.wal->append(entries({command(next, 1, std::string(200, 'x'))}))) {
        model_.append(entries({command(next, 1, std::string(200, 'x'))}));
        ++next;
    }
    ASSERT_TRUE(log_.wal->sync());
    disk_.set_capacity(100 * small_segment);
    ASSERT_TRUE(place_snapshot(disk_, {LogIndex(25), Term(1)}));
    disk_.set_capacity(segments().size() * small_segment + small_segment / 2);
    ASSERT_TRUE(log_.wal->append(snapshot(25, 1, 26)));
    model_.append(snapshot(25, 1, 26));
    ASSERT_TRUE(log_.wal->sync());
    model_.sync();
    clean_up();
    EXPECT_TRUE(log_.wal->append(entries({command(next, 1, std::string(200, 'x'))})));
    model_.append(entries({command(next, 1, std::string(200, 'x'))}));
    restart();
}

using LogSnapshotDeath = LogSnapshot;

TEST_F(LogSnapshotDeath, BrokenInvariantsEndTheProcess) {
    append(snapshot(20, 1, 21));
    ASSERT_TRUE(place_snapshot(disk_, {LogIndex(19), Term(1)}));
    ASSERT_TRUE(place_snapshot(disk_, {LogIndex(26), Term(2)}));
    auto append = [&](const raft::LogWrite& write) { return log_.wal->append(write).ok(); };
    EXPECT_DEATH(append(snapshot(19, 1, 20)), "invariant") << "an older one";
    EXPECT_DEATH(append(snapshot(26, 2, 27)), "invariant") << "it voids what is committed";
    EXPECT_DEATH(append(snapshot(20, 1, 22)), "invariant") << "an entry that nobody has";
}

}  // namespace
}  // namespace raftkv::storage
