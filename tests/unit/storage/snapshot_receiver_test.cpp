#include "node/storage/snapshot_receiver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "cli/test/simulation/memory_disk.hpp"
#include "tests/unit/storage/snapshot_fixture.hpp"

namespace raftkv::storage {
namespace {

constexpr std::uint64_t cluster = 0x1234;
const raft::SnapshotId id{LogIndex(7), Term(3)};
const Chunks chunks = some_chunks(60, 100'000);
const std::string final_name = "snapshot-00000000000000000007";

const std::string& sent() {
    static const std::string bytes = [] {
        MemoryDisk disk;
        EXPECT_TRUE(write_snapshot(disk, meta_at(7, 3, "members"), chunks));
        return disk.contents(final_name);
    }();
    return bytes;
}

Result<std::uint64_t> receive(Disk& disk, const std::string& bytes, std::uint64_t from = cluster) {
    auto receiver = SnapshotReceiver::create(disk, id);
    if (!receiver) {
        return receiver.error();
    }
    for (std::size_t at = 0; at < bytes.size(); at += 700'000) {
        auto taken = (*receiver)->append(at, std::string_view(bytes).substr(at, 700'000));
        if (!taken) {
            return taken.error();
        }
    }
    return (*receiver)->finish(from);
}

TEST(SnapshotReceiver, PutsTogetherWhatWasSent) {
    MemoryDisk disk;
    auto receiver = SnapshotReceiver::create(disk, id);
    ASSERT_TRUE(receiver);
    std::mt19937_64 random(4);
    while ((*receiver)->offset() < sent().size()) {
        const std::uint64_t at = (*receiver)->offset();
        ASSERT_TRUE(
            (*receiver)->append(at, std::string_view(sent()).substr(at, random() % 90'000)));
    }
    EXPECT_FALSE(disk.all_contents().contains(final_name)) << "not before all is verified";
    auto size = (*receiver)->finish(cluster);
    ASSERT_TRUE(size) << size.error().message;
    EXPECT_EQ(*size, sent().size());
    disk.lose_power();
    EXPECT_EQ(disk.all_contents().size(), 1u);
    EXPECT_EQ(disk.contents(final_name), sent());
}

TEST(SnapshotReceiver, TakesNoPieceOutOfItsOrder) {
    MemoryDisk disk;
    auto receiver = SnapshotReceiver::create(disk, id);
    ASSERT_TRUE(receiver);
    ASSERT_TRUE((*receiver)->append(0, sent().substr(0, 100)));
    for (std::uint64_t offset : {0u, 99u, 101u, 1'000'000u}) {
        auto taken = (*receiver)->append(offset, "piece");
        ASSERT_FALSE(taken);
        EXPECT_EQ(taken.error().kind, ErrorKind::failed);
    }
    ASSERT_TRUE((*receiver)->append(100, sent().substr(100))) << "and goes on all the same";
    EXPECT_TRUE((*receiver)->finish(cluster));
}

TEST(SnapshotReceiver, ThrowsAwayWhatIsNotWhatWasPromised) {
    MemoryDisk other;
    ASSERT_TRUE(write_snapshot(other, meta_at(7, 4), {"another term"}));
    ASSERT_TRUE(write_snapshot(other, meta_at(8, 3), {"another index"}));
    for (const std::string& bytes :
         {other.contents(final_name), other.contents("snapshot-00000000000000000008"),
          std::string(), std::string("nonsense"), sent().substr(0, sent().size() - 1),
          sent() + "more"}) {
        MemoryDisk disk;
        auto received = receive(disk, bytes);
        ASSERT_FALSE(received);
        EXPECT_EQ(received.error().kind, ErrorKind::corrupt) << received.error().message;
        EXPECT_NE(received.error().message.find("thrown away"), std::string::npos);
        EXPECT_TRUE(disk.all_contents().empty());
    }
    MemoryDisk disk;
    auto received = receive(disk, sent(), 0x9999);
    ASSERT_FALSE(received) << "another cluster";
    EXPECT_EQ(received.error().kind, ErrorKind::corrupt);
}

TEST(SnapshotReceiver, FindsDamageAnywhere) {
    std::mt19937_64 random(8);
    for (int round = 0; round < 40; ++round) {
        MemoryDisk disk;
        std::string bytes = sent();
        char& damaged = bytes[random() % bytes.size()];
        damaged = static_cast<char>(damaged ^ 1 << random() % 8);
        auto received = receive(disk, bytes);
        ASSERT_FALSE(received);
        EXPECT_EQ(received.error().kind, ErrorKind::corrupt);
        EXPECT_TRUE(disk.all_contents().empty());
    }
}

TEST(SnapshotReceiver, ThatGoesLeavesNothing) {
    MemoryDisk disk;
    {
        auto receiver = SnapshotReceiver::create(disk, id);
        ASSERT_TRUE(receiver);
        ASSERT_TRUE((*receiver)->append(0, sent().substr(0, 5'000'000)));
        EXPECT_TRUE(disk.all_contents().contains(final_name + ".part"));
    }
    EXPECT_TRUE(disk.all_contents().empty());
}

TEST(SnapshotReceiver, CrashAtEveryOperationLeavesAllOrNothing) {
    MemoryDisk whole;
    ASSERT_TRUE(receive(whole, sent()));
    const std::uint64_t operations = whole.operations();
    ASSERT_GE(operations, 11u);
    for (std::uint64_t at = 1; at <= operations; ++at) {
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            MemoryDisk disk(seed);
            disk.die_at(at);
            EXPECT_FALSE(receive(disk, sent()));
            disk.lose_power();
            if (disk.all_contents().contains(final_name)) {
                EXPECT_EQ(disk.contents(final_name), sent()) << "operation " << at;
            }
            ASSERT_TRUE(receive(disk, sent())) << "operation " << at;
            disk.lose_power();
            EXPECT_EQ(disk.all_contents().size(), 1u);
            EXPECT_EQ(disk.contents(final_name), sent());
        }
    }
}

TEST(SnapshotReceiver, AFullDiskAtAnyPointLeavesNothingAndIsGotOver) {
    for (std::uint64_t capacity = 0; capacity < sent().size(); capacity += 500'000) {
        MemoryDisk disk;
        disk.set_capacity(capacity);
        auto received = receive(disk, sent());
        ASSERT_FALSE(received);
        EXPECT_EQ(received.error().kind, ErrorKind::no_space);
        EXPECT_TRUE(disk.all_contents().empty()) << capacity;
        disk.set_capacity(sent().size());
        EXPECT_TRUE(receive(disk, sent()));
    }
}

}  // namespace
}  // namespace raftkv::storage
