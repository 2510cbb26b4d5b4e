#include "node/kv/store_reader.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "node/kv/place.hpp"
#include "node/kv/table.hpp"
#include "tests/unit/kv/random_log.hpp"
#include "tests/unit/kv/snapshots.hpp"

namespace raftkv::kv {
namespace {

using Read = StoreReader::Outcome;

// Reads once; a chunk that came goes to `chunks`.
Read read_into(StoreReader& reader, Chunks& chunks) {
    std::string chunk;
    const Read outcome = reader.read(chunk);
    if (!chunk.empty()) chunks.push_back(std::move(chunk));
    return outcome;
}

Store with_keys_that_end(std::uint64_t count) {
    Store store;
    for (std::uint64_t i = 1; i <= count; ++i) {
        const std::string key = "k" + std::to_string(i);
        store.apply(LogIndex(i), set(1, key, std::string(1000, 'a'), i % 2 * 1000));
    }
    return store;
}

void remove_all(Store& store, std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count; ++i) {
        store.apply(store.last_applied() + 1, del(1, "k" + std::to_string(i)));
    }
}

TEST(StoreReader, ReadsWhatASnapshotReads) {
    Store store = with_keys_that_end(300);
    const Chunks expected = snapshot_of(store);
    StoreReader reader = store.read_out();
    Chunks chunks;
    while (read_into(reader, chunks) == Read::more) remove_all(store, 300);
    EXPECT_EQ(chunks, expected);
    EXPECT_EQ(read_into(reader, chunks), Read::end) << "and stays so";
    EXPECT_EQ(store.snapshot_kept_bytes(), 0u);
}

TEST(StoreReader, EachKeepsWhatItHasNotReadYet) {
    Store store = with_keys_that_end(300);
    const std::size_t all = store.bytes();
    store.begin_snapshot();
    StoreReader first = store.read_out();
    std::optional<StoreReader> second = store.read_out();
    remove_all(store, 300);
    EXPECT_EQ(first.kept_bytes(), all);
    EXPECT_EQ(second->kept_bytes(), all);
    EXPECT_EQ(store.snapshot_kept_bytes(), 3 * all);
    second.reset();
    EXPECT_EQ(store.snapshot_kept_bytes(), 3 * all) << "freed little by little";
    for (int i = 0; i < 5; ++i) store.apply(store.last_applied() + 1, tick(1));
    EXPECT_EQ(store.snapshot_kept_bytes(), 2 * all);
    Chunks chunks;
    while (read_into(first, chunks) == Read::more) continue;
    EXPECT_EQ(chunks, read_to_end(store));
    EXPECT_EQ(store.snapshot_kept_bytes(), 0u);
}

TEST(StoreReader, MayOutliveItsStore) {
    Store store = with_keys_that_end(300);
    StoreReader reader = store.read_out();
    remove_all(store, 200);
    Chunks chunks;
    EXPECT_EQ(read_into(reader, chunks), Read::more);
    store = with_keys_that_end(1);  // as after a snapshot of another node was installed
    EXPECT_EQ(read_into(reader, chunks), Read::store_is_gone);
    EXPECT_EQ(chunks.size(), 1u);
    EXPECT_EQ(store.snapshot_kept_bytes(), 0u);
}

// Two that are in the middle of one shard, when what they have still to read there goes.
TEST(StoreReader, KeepsTheRestOfAShardThatItHasBegun) {
    std::vector<std::string> keys;
    for (int i = 0; keys.size() < 6; ++i) {
        std::string key = "k" + std::to_string(i);
        if (Table::shard_of_place(place_of(key)) == 7) keys.push_back(std::move(key));
    }
    Store store;
    for (const std::string& key : keys) {
        store.apply(store.last_applied() + 1, set(1, key, std::string(70'000, 'a'), 5));
    }
    const Chunks expected = snapshot_of(store);
    ASSERT_EQ(expected.size(), keys.size() + 1);
    StoreReader first = store.read_out(), second = store.read_out();
    Chunks of_first, of_second;
    EXPECT_EQ(read_into(first, of_first), Read::more);
    EXPECT_EQ(read_into(first, of_first), Read::more);
    EXPECT_EQ(read_into(second, of_second), Read::more);
    store.apply(store.last_applied() + 1, tick(6000));
    store.remove_past_end(keys.size());
    ASSERT_EQ(store.size(), 0u);
    while (read_into(first, of_first) == Read::more) continue;
    while (read_into(second, of_second) == Read::more) continue;
    EXPECT_EQ(of_first, expected);
    EXPECT_EQ(of_second, expected);
}

// Several at a time, at different places of the same shards, while everything changes.
TEST(StoreReader, ManyReadTheirMomentsWhateverIsApplied) {
    struct Reading {
        StoreReader reader;
        Chunks expected;
        Chunks chunks;
    };
    std::size_t finished = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        std::mt19937_64 random(seed);
        Store store, twin;
        std::vector<Reading> readings;
        for (const auto& [index, bytes] : random_log(seed, 1500, 20'000)) {
            store.apply(index, bytes);
            twin.apply(index, bytes);
            if (random() % 20 == 0 && readings.size() < 4) {
                readings.push_back({store.read_out(), snapshot_of(twin), {}});
            }
            if (random() % 5 != 0 || readings.empty()) continue;
            Reading& reading = readings[random() % readings.size()];
            if (read_into(reading.reader, reading.chunks) == Read::more) continue;
            ASSERT_EQ(reading.chunks, reading.expected) << "seed " << seed;
            ++finished;
            std::vector<Reading> others;
            for (Reading& other : readings) {
                if (&other != &reading) others.push_back(std::move(other));
            }
            readings = std::move(others);
        }
        readings.clear();
        for (int i = 0; i < 50; ++i) store.apply(store.last_applied() + 1, tick(0));
        ASSERT_EQ(store.snapshot_kept_bytes(), 0u);
    }
    EXPECT_GT(finished, 300u);
}

}  // namespace
}  // namespace raftkv::kv
