#include "node/kv/snapshot.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>

#include "tests/unit/kv/commands.hpp"
#include "tests/unit/kv/snapshots.hpp"

namespace raftkv::kv {
namespace {

// Keys k1 to k<count>, with values of 1,000 bytes: some 64 to a chunk.
Store with_keys(std::uint64_t count) {
    Store store;
    for (std::uint64_t i = 1; i <= count; ++i) {
        store.apply(LogIndex(i), set(1, "k" + std::to_string(i), std::string(1000, 'a')));
    }
    return store;
}

// Each of them anew, from `index` on.
void overwrite(Store& store, std::uint64_t count, std::uint64_t index) {
    for (std::uint64_t i = 1; i <= count; ++i) {
        const std::string key = "k" + std::to_string(i);
        store.apply(LogIndex(index + i), cas(2, key, store.find(key)->version, "b"));
    }
}

TEST(Snapshot, OfAnEmptyStoreIsHeaderAndFooter) {
    Store store;
    const Chunks chunks = snapshot_of(store);
    ASSERT_EQ(chunks.size(), 1u);
    EXPECT_EQ(chunks[0].size(), 20u + 17);
    EXPECT_EQ(loaded(chunks).state_hash(), Store().state_hash());
}

TEST(Snapshot, HasTheDocumentedBytes) {
    Store store;
    store.apply(LogIndex(7), set(0x0102, "k", "value", 3));
    const Chunks chunks = snapshot_of(store);
    ASSERT_EQ(chunks.size(), 1u);
    std::string expected(
        "\x01\0\0\0"
        "\x07\0\0\0\0\0\0\0"
        "\x02\x01\0\0\0\0\0\0"
        "\x01"
        "\x07\0\0\0\0\0\0\0"
        "\x03\0\0\0"
        "\x02\x01\0\0\0\0\0\0"
        "\x05\0\0\0"
        "kvalue"
        "\0"
        "\x01\0\0\0\0\0\0\0",
        60);
    put(expected, store.state_hash());
    EXPECT_EQ(chunks[0], expected);
}

TEST(Snapshot, TakesAsManyBytesAsTheStoreSays) {
    Store store = with_keys(300);
    EXPECT_EQ(Store().snapshot_bytes(), 0u);
    for (std::uint64_t i = 301; i <= 400; ++i)
        store.apply(LogIndex(i), set(1, "e" + std::to_string(i), "some value", 1));
    store.apply(LogIndex(401), del(1, "k7"));
    store.apply(LogIndex(402), cas(1, "e301", 301, "that has no end any more"));
    const auto bytes = [&] {
        std::size_t sum = 0;
        for (const std::string& chunk : snapshot_of(store)) sum += chunk.size();
        return sum - 20 - 17;  // header and footer
    };
    EXPECT_EQ(bytes(), store.snapshot_bytes());
    store.apply(LogIndex(403), tick(5000));
    store.remove_past_end(1000);
    EXPECT_EQ(store.size(), 300u);
    EXPECT_EQ(bytes(), store.snapshot_bytes());
    EXPECT_EQ(loaded(snapshot_of(store)).snapshot_bytes(), store.snapshot_bytes());
}

TEST(Snapshot, IsCutIntoChunksThatOneItemBringsToTheirSize) {
    Store store = with_keys(1000);
    store.apply(LogIndex(2000), set(1, "big", std::string(1u << 20, 'x')));
    const Chunks chunks = snapshot_of(store);
    EXPECT_GT(chunks.size(), 15u);
    std::size_t with_the_big_one = 0;
    for (std::size_t i = 0; i + 1 < chunks.size(); ++i) {
        EXPECT_GE(chunks[i].size(), snapshot::chunk_bytes);
        if (chunks[i].size() >= 1u << 20) {
            ++with_the_big_one;
        } else {
            EXPECT_LT(chunks[i].size(), snapshot::chunk_bytes + 1100);
        }
    }
    EXPECT_EQ(with_the_big_one, 1u);
    EXPECT_EQ(loaded(chunks).find("big")->value.size(), 1u << 20);
}

TEST(Snapshot, IsTheStateAtItsBeginningWhateverIsAppliedMeanwhile) {
    const Chunks expected = [] {
        Store store = with_keys(1000);
        return snapshot_of(store);
    }();
    Store store = with_keys(1000);
    store.begin_snapshot();
    EXPECT_TRUE(store.has_snapshot());
    EXPECT_EQ(store.snapshot_kept_bytes(), 0u);
    overwrite(store, 1000, 5000);
    EXPECT_EQ(store.snapshot_kept_bytes(), with_keys(1000).bytes());
    overwrite(store, 1000, 8000);
    EXPECT_EQ(store.snapshot_kept_bytes(), with_keys(1000).bytes()) << "only what was there";
    std::size_t before = store.snapshot_kept_bytes();
    const Chunks chunks = read_to_end(store, [&] {
        EXPECT_LT(store.snapshot_kept_bytes(), before);
        before = store.snapshot_kept_bytes() + 1;
    });
    EXPECT_EQ(chunks, expected);
    EXPECT_FALSE(store.has_snapshot());
    EXPECT_EQ(store.snapshot_kept_bytes(), 0u);
}

TEST(Snapshot, KeepsWhatExpiresMeanwhileAndLeavesOutWhatHadExpired) {
    Store store;
    store.apply(LogIndex(1), set(0, "over", "v", 1));
    store.apply(LogIndex(2), set(0, "later", "v", 9));
    store.apply(LogIndex(3), tick(1000));
    store.begin_snapshot();
    store.apply(LogIndex(4), tick(9000));
    EXPECT_FALSE(store.find("later").has_value());
    EXPECT_EQ(store.bytes(), 0u);
    EXPECT_EQ(store.snapshot_kept_bytes(), 56u + 6);
    const Store then = loaded(read_to_end(store));
    EXPECT_EQ(then.find("later")->deadline, ClusterMs(9000));
    EXPECT_FALSE(then.find("over").has_value());
    EXPECT_EQ(then.clock(), ClusterMs(1000));
    EXPECT_EQ(then.last_applied(), LogIndex(3));
}

// Thousands of keys that ended in the same second, of which most still wait to be removed.
TEST(Snapshot, PassesOverManyDeadKeysAFewThousandAtATime) {
    Store store;
    const std::uint64_t count = 20'000;
    for (std::uint64_t i = 1; i <= count; ++i) {
        store.apply(LogIndex(i), set(0, "dead" + std::to_string(i), "v", 1));
    }
    store.apply(LogIndex(count + 1), set(1000, "alive", "v"));
    store.begin_snapshot();
    std::uint64_t index = count + 1;
    std::size_t calls = 0;
    const Chunks chunks = read_to_end(store, [&] {
        ++calls;  // and more of them are removed while it goes on, read and unread
        ++index;
        store.apply(LogIndex(index), set(1000, "n" + std::to_string(index), "v"));
    });
    EXPECT_EQ(chunks.size(), 1u);
    EXPECT_GE(calls, 4u);
    const Store then = loaded(chunks);
    EXPECT_EQ(then.size(), 1u);
    EXPECT_TRUE(then.find("alive").has_value());
}

TEST(Snapshot, CanBeGivenUpAtEveryPoint) {
    const std::uint64_t keys = 400;
    for (std::size_t readings = 0; readings < 8; ++readings) {
        Store store = with_keys(keys);
        store.begin_snapshot();
        std::string chunk;
        for (std::size_t i = 0; i < readings; ++i) ASSERT_TRUE(store.read_snapshot(chunk));
        overwrite(store, keys, 1000);
        const std::size_t kept = store.snapshot_kept_bytes();
        store.end_snapshot();
        EXPECT_FALSE(store.has_snapshot());
        EXPECT_EQ(store.snapshot_kept_bytes(), kept) << "is freed little by little";

        Store twin = loaded(snapshot_of(store));  // the next one may begin before that is done
        EXPECT_EQ(twin.state_hash(), store.state_hash());
        for (std::uint64_t i = 0; i < keys / 64 + 1; ++i) {
            store.apply(LogIndex(5000 + i), tick(2));
        }
        EXPECT_EQ(store.snapshot_kept_bytes(), 0u);
        store.end_snapshot();  // there is none any more, and that is no harm
    }
}

TEST(Snapshot, LeavesNothingBehindWhenItsStoreIsDestroyed) {
    Store store = with_keys(400);
    store.begin_snapshot();
    overwrite(store, 200, 1000);
    std::string chunk;
    ASSERT_TRUE(store.read_snapshot(chunk));
    overwrite(store, 200, 2000);
    store = Store();
    EXPECT_EQ(store.snapshot_kept_bytes(), 0u);
}

TEST(Snapshot, StaysWithAStoreThatIsMoved) {
    Store first = with_keys(400);
    const Chunks expected = snapshot_of(first);
    first.begin_snapshot();
    Store second = std::move(first);
    overwrite(second, 400, 1000);
    EXPECT_EQ(read_to_end(second), expected);
}

TEST(Snapshot, IsLoadedAndItsStoreDestroyedOnOtherThreads) {
    Store store = with_keys(1000);
    const Chunks chunks = snapshot_of(store);
    Store other;
    std::thread([&] { other = loaded(chunks); }).join();
    EXPECT_EQ(other.state_hash(), store.state_hash());
    overwrite(other, 1000, 2000);
    std::thread([garbage = std::move(other)]() mutable { garbage = Store(); }).join();
}

// Which of the keys that are due together is removed first shows in bytes() alone.
TEST(Snapshot, KeepsTheOrderInWhichKeysAreRemoved) {
    Store store;
    for (std::uint64_t i = 1; i <= 3000; ++i) {
        const std::string value(i * i % 101, 'v');
        store.apply(LogIndex(i), set(0, "k" + std::to_string(i), value, 1 + i % 3));
    }
    Store twin = loaded(snapshot_of(store));
    for (std::uint64_t i = 3001; i < 3300; ++i) {
        const std::string command = set(static_cast<std::int64_t>(i), "n", "v");
        store.apply(LogIndex(i), command);
        twin.apply(LogIndex(i), command);
        ASSERT_EQ(twin.bytes(), store.bytes());
        ASSERT_EQ(twin.size(), store.size());
        ASSERT_EQ(twin.earliest_deadline(), store.earliest_deadline());
    }
    while (store.has_past_end()) {
        ASSERT_EQ(twin.remove_past_end(7), store.remove_past_end(7));
        ASSERT_EQ(twin.bytes(), store.bytes());
    }
    EXPECT_EQ(twin.size(), 1u);
    EXPECT_EQ(store.size(), 1u);
}

TEST(SnapshotDeathTest, IsTheOnlyOneAndReadOnlyWhileItIsThere) {
    Store store;
    std::string chunk;
    EXPECT_DEATH(store.read_snapshot(chunk), "invariant broken");
    store.begin_snapshot();
    EXPECT_DEATH(store.begin_snapshot(), "invariant broken");
}

}  // namespace
}  // namespace raftkv::kv
