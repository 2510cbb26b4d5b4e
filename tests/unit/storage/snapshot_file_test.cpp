#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "cli/test/simulation/memory_disk.hpp"
#include "common/checksum.hpp"
#include "node/storage/snapshot_reader.hpp"
#include "node/storage/snapshot_writer.hpp"
#include "tests/unit/storage/snapshot_fixture.hpp"

namespace raftkv::storage {
namespace {

const std::string name_of_7 = "snapshot-00000000000000000007";

TEST(SnapshotFile, IsReadAsItWasWritten) {
    MemoryDisk disk;
    const SnapshotMeta meta = meta_at(7, 3, "three nodes");
    Chunks chunks = some_chunks(40, 200'000);  // several pieces and syncs
    for (std::size_t size = 1; size <= 17; ++size) {
        chunks.push_back(std::string(size, '#'));
    }
    auto written = write_snapshot(disk, meta, chunks);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(*written, disk.contents(name_of_7).size());
    EXPECT_EQ(disk.all_contents().size(), 1u);
    EXPECT_EQ(disk.all_contents(), disk.durable_contents());
    auto read = read_snapshot(disk, 7);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, (ReadSnapshot{meta, chunks}));
}

TEST(SnapshotFile, OfNothingIsAFileToo) {
    MemoryDisk disk;
    ASSERT_TRUE(write_snapshot(disk, meta_at(7, 3), {}));
    auto read = read_snapshot(disk, 7);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, (ReadSnapshot{meta_at(7, 3), {}}));
}

TEST(SnapshotFile, OfTheLargestChunkIsReadAsWell) {
    MemoryDisk disk;
    const Chunks chunks{std::string(max_snapshot_chunk_bytes, 'x'), "y"};
    ASSERT_TRUE(write_snapshot(disk, meta_at(7, 3), chunks));
    auto read = read_snapshot(disk, 7);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->chunks, chunks);
}

// Every node of a cluster, of every version that knows this format, makes these bytes.
TEST(SnapshotFile, HasTheSameBytesEverywhere) {
    MemoryDisk one(1), two(2);
    for (MemoryDisk* disk : {&one, &two}) {
        ASSERT_TRUE(write_snapshot(*disk, meta_at(7, 3, "m"), {"first", "second chunk"}));
    }
    EXPECT_EQ(one.contents(name_of_7), two.contents(name_of_7));
    EXPECT_EQ(one.contents(name_of_7).size(), 56u + 8 + 16 + 8 + 16 + 16 + 40);
    EXPECT_EQ(checksum(one.contents(name_of_7)), 2525361251239129432u);
}

TEST(SnapshotFile, SendsItselfInPiecesOfAnySize) {
    MemoryDisk disk;
    ASSERT_TRUE(write_snapshot(disk, meta_at(7, 3), some_chunks(9, 100)));
    auto reader = SnapshotReader::open(disk, LogIndex(7));
    ASSERT_TRUE(reader);
    std::string all;
    for (std::size_t size = 1; all.size() < (*reader)->size(); ++size) {
        auto piece = (*reader)->read_raw(all.size(), size);
        ASSERT_TRUE(piece);
        EXPECT_LE(piece->size(), size);
        all += *piece;
    }
    EXPECT_EQ(all, disk.contents(name_of_7));
    auto past = (*reader)->read_raw(all.size(), 10);
    ASSERT_TRUE(past);
    EXPECT_EQ(*past, "");
}

TEST(SnapshotFile, StaysReadableWhenItsNameGoes) {
    MemoryDisk disk;
    ASSERT_TRUE(write_snapshot(disk, meta_at(7, 3), some_chunks(9, 100)));
    auto reader = SnapshotReader::open(disk, LogIndex(7));
    ASSERT_TRUE(reader);
    ASSERT_TRUE(disk.remove(name_of_7));
    EXPECT_TRUE(verify_snapshot(**reader));
}

TEST(SnapshotFile, NotFinishedLeavesNothing) {
    MemoryDisk disk;
    {
        auto writer = SnapshotWriter::create(disk, meta_at(7, 3));
        ASSERT_TRUE(writer);
        ASSERT_TRUE((*writer)->add("half of it"));
        EXPECT_TRUE(disk.all_contents().contains(name_of_7 + ".tmp"));
    }
    EXPECT_TRUE(disk.all_contents().empty());
}

TEST(SnapshotFile, BeginsAgainOverWhatAnEarlierProcessLeft) {
    MemoryDisk disk;
    disk.set_contents(name_of_7 + ".tmp", "half a snapshot");
    ASSERT_TRUE(write_snapshot(disk, meta_at(7, 3), {"a"}));
    EXPECT_EQ(disk.all_contents().size(), 1u);
    ASSERT_TRUE(write_snapshot(disk, meta_at(7, 3), {"b"})) << "and over a whole one";
    EXPECT_EQ(read_snapshot(disk, 7)->chunks, Chunks{"b"});
}

TEST(SnapshotFile, NamesAreToldFromStrangers) {
    EXPECT_EQ(parse_snapshot_name(name_of_7), LogIndex(7));
    EXPECT_EQ(parse_snapshot_name("snapshot-18446744073709551615"), LogIndex(~std::uint64_t{0}));
    for (const char* stranger :
         {"snapshot-7", "snapshot-", "snapshot-18446744073709551616",
          "snapshot-0000000000000000000x", "snapshot-00000000000000000007.tmp", "snapshot-backup",
          "wal-0000000001-1"}) {
        EXPECT_FALSE(parse_snapshot_name(stranger)) << stranger;
    }
    EXPECT_TRUE(is_unfinished_snapshot_name(name_of_7 + ".tmp"));
    EXPECT_TRUE(is_unfinished_snapshot_name(name_of_7 + ".part"));
    EXPECT_FALSE(is_unfinished_snapshot_name(name_of_7));
    EXPECT_FALSE(is_unfinished_snapshot_name("snapshot-mine.tmp"));
}

TEST(SnapshotFile, UnderTheNameOfAnotherIsRefused) {
    MemoryDisk disk;
    ASSERT_TRUE(write_snapshot(disk, meta_at(8, 3), {"a"}));
    disk.set_contents(name_of_7, disk.contents(snapshot_name(LogIndex(8))));
    auto read = read_snapshot(disk, 7);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::corrupt);
    EXPECT_NE(read.error().message.find("another snapshot"), std::string::npos);
}

// --- damage

class SnapshotDamage : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(write_snapshot(disk_, meta_at(7, 3, "members"), chunks_));
        good_ = disk_.contents(name_of_7);
    }

    // Refused, and everything given before the damage was right.
    void expect_refused(const std::string& bytes) {
        disk_.set_contents(name_of_7, bytes);
        ReadSnapshot so_far;
        auto read = read_snapshot(disk_, 7, so_far);
        ASSERT_FALSE(read);
        ASSERT_EQ(read.error().kind, ErrorKind::corrupt) << read.error().message;
        ASSERT_NE(read.error().message.find("memory/" + name_of_7), std::string::npos);
        ASSERT_LE(so_far.chunks.size(), chunks_.size());
        ASSERT_TRUE(std::equal(so_far.chunks.begin(), so_far.chunks.end(), chunks_.begin()));
    }

    const Chunks chunks_ = some_chunks(6, 50);
    MemoryDisk disk_;
    std::string good_;
};

TEST_F(SnapshotDamage, OfAnyByteIsFound) {
    std::mt19937_64 random(5);
    for (std::size_t at = 0; at < good_.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string bad = good_;
            bad[at] = static_cast<char>(bad[at] ^ 1 << bit);
            expect_refused(bad);
        }
        std::string bad = good_;
        do {
            bad[at] = static_cast<char>(random());
        } while (bad[at] == good_[at]);
        expect_refused(bad);
        ASSERT_FALSE(HasFatalFailure()) << "byte " << at;
    }
}

TEST_F(SnapshotDamage, OfItsEndIsFound) {
    for (std::size_t size = 0; size < good_.size(); ++size) {
        expect_refused(good_.substr(0, size));
        ASSERT_FALSE(HasFatalFailure()) << "cut at " << size;
    }
    for (const std::string& more : {std::string(1, '\0'), std::string(4096, 'x'), good_}) {
        expect_refused(good_ + more);
    }
}

TEST_F(SnapshotDamage, OfManyBytesIsFound) {
    std::mt19937_64 random(6);
    for (int round = 0; round < 20'000; ++round) {
        std::string bad = good_;
        const std::size_t at = random() % bad.size();
        const std::size_t size = 1 + random() % std::min<std::size_t>(64, bad.size() - at);
        for (std::size_t i = at; i < at + size; ++i) {
            bad[i] = round % 3 == 0 ? static_cast<char>(random())
                                    : good_[(i + 8 * (random() % 3)) % good_.size()];
        }
        if (bad != good_) {
            expect_refused(bad);
            ASSERT_FALSE(HasFatalFailure()) << "round " << round;
        }
    }
}

// Chunks that are right by themselves, in a file that was never written.
TEST_F(SnapshotDamage, AChunkLessIsFound) {
    const std::size_t header = 56 + 8;
    const std::size_t last = good_.size() - 40 - padded(chunks_.back().size()) - 16;
    expect_refused(good_.substr(0, last) + good_.substr(good_.size() - 40));
    const std::size_t first = 16 + padded(chunks_.front().size());
    expect_refused(good_.substr(0, header) + good_.substr(header + first));
}

// The chunks of one snapshot with the beginning of another.
TEST_F(SnapshotDamage, AnotherHeaderIsFound) {
    MemoryDisk other;
    ASSERT_TRUE(write_snapshot(other, meta_at(7, 4, "members"), chunks_));
    expect_refused(other.contents(name_of_7).substr(0, 64) + good_.substr(64));
}

// --- every disk operation

const Chunks large = some_chunks(60, 100'000);  // six pieces, two syncs

std::uint64_t operations_of_a_write() {
    MemoryDisk disk;
    EXPECT_TRUE(write_snapshot(disk, meta_at(7, 3), large));
    return disk.operations();
}

TEST(SnapshotCrash, AtEveryOperationOfWritingLeavesAllOrNothing) {
    const std::uint64_t operations = operations_of_a_write();
    ASSERT_GE(operations, 11u);
    for (std::uint64_t at = 1; at <= operations; ++at) {
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            MemoryDisk disk(seed);
            disk.die_at(at);
            EXPECT_FALSE(write_snapshot(disk, meta_at(7, 3), large));
            if (seed % 2 == 0) {
                disk.kill();
            }
            disk.lose_power();
            if (disk.all_contents().contains(name_of_7)) {
                auto read = read_snapshot(disk, 7);
                ASSERT_TRUE(read) << "operation " << at << ": " << read.error().message;
                EXPECT_EQ(read->chunks, large);
            }
            ASSERT_TRUE(write_snapshot(disk, meta_at(7, 3), {"again"})) << "operation " << at;
            disk.lose_power();
            EXPECT_EQ(read_snapshot(disk, 7)->chunks, Chunks{"again"});
            EXPECT_EQ(disk.all_contents().size(), 1u);
        }
    }
}

TEST(SnapshotFullDisk, AtAnyPointLeavesNothingAndIsGotOver) {
    MemoryDisk whole;
    auto size = write_snapshot(whole, meta_at(7, 3), large);
    ASSERT_TRUE(size);
    for (std::uint64_t capacity = 0; capacity < *size; capacity += 100'000) {
        MemoryDisk disk;
        disk.set_capacity(capacity);
        auto written = write_snapshot(disk, meta_at(7, 3), large);
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().kind, ErrorKind::no_space);
        EXPECT_TRUE(disk.all_contents().empty()) << capacity;
        disk.set_capacity(*size);
        EXPECT_TRUE(write_snapshot(disk, meta_at(7, 3), large));
    }
}

TEST(SnapshotFullDisk, IsToldToWhoeverAsksAgain) {
    MemoryDisk disk;
    auto writer = SnapshotWriter::create(disk, meta_at(7, 3));
    ASSERT_TRUE(writer);
    disk.set_capacity(0);
    for (int i = 0; i < 3; ++i) {
        auto added = (*writer)->add(std::string(2u << 20, 'x'));
        ASSERT_FALSE(added);
        EXPECT_EQ(added.error().kind, ErrorKind::no_space);
    }
    auto finished = (*writer)->finish();
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().kind, ErrorKind::no_space);
}

TEST(SnapshotIoError, OfAWriteOrASyncIsIoAndLeavesNothing) {
    for (bool sync : {false, true}) {
        MemoryDisk disk;
        sync ? disk.fail_next_sync() : disk.fail_next_write();
        auto written = write_snapshot(disk, meta_at(7, 3), large);
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().kind, ErrorKind::io);
        EXPECT_TRUE(disk.all_contents().empty());
    }
}

}  // namespace
}  // namespace raftkv::storage
