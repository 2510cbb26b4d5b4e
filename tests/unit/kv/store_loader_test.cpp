#include "node/kv/store_loader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

#include "node/kv/place.hpp"
#include "node/kv/record.hpp"
#include "node/kv/snapshot.hpp"
#include "tests/unit/kv/commands.hpp"
#include "tests/unit/kv/snapshots.hpp"

namespace raftkv::kv {
namespace {

struct TestItem {
    std::string key;
    std::string value;
    std::uint64_t version = 1;
    std::uint32_t exptime_s = 0;
    std::int64_t stamp = 0;
};

std::string header(std::uint32_t format, std::uint64_t applied, std::int64_t clock) {
    std::string out;
    put(out, format);
    put(out, applied);
    put(out, clock);
    return out;
}

std::string good_header() {
    return header(1, 100, 5000);
}

std::string bytes_of(const TestItem& item) {
    std::string out;
    put(out, static_cast<std::uint8_t>(item.key.size()));
    put(out, item.version);
    put(out, item.exptime_s);
    if (item.exptime_s != 0) put(out, item.stamp);
    put(out, static_cast<std::uint32_t>(item.value.size()));
    return out + item.key + item.value;
}

std::string footer(std::uint64_t items, std::uint64_t hash) {
    std::string out;
    put(out, std::uint8_t{0});
    put(out, items);
    put(out, hash);
    return out;
}

// The footer that a store would write behind these items and good_header().
std::string true_footer(const std::vector<TestItem>& items) {
    std::uint64_t sum = 0;
    for (const TestItem& item : items) {
        Record* record = make_record(
            {CommandOp::set, ClusterMs(item.stamp), item.exptime_s, 0, item.key, item.value},
            item.version);
        sum += hash_of(*record);
        free_record(record);
    }
    return footer(items.size(), hash_of_state(sum, ClusterMs(5000)));
}

std::string snapshot_with(const std::vector<TestItem>& items) {
    std::string out = good_header();
    for (const TestItem& item : items) out += bytes_of(item);
    return out + true_footer(items);
}

// "" when it loads.
std::string refusal(const Chunks& chunks) {
    const Result<Store> store = load(chunks);
    if (store) return "";
    EXPECT_EQ(store.error().kind, ErrorKind::corrupt);
    const std::string begin = "the snapshot of the keys is damaged: ";
    EXPECT_EQ(store.error().message.substr(0, begin.size()), begin);
    return store.error().message.substr(begin.size());
}

constexpr const char* no_header = "it begins with no header of a format known here";

TEST(StoreLoader, TakesWhatAStoreCouldHaveWritten) {
    EXPECT_EQ(refusal({snapshot_with({})}), "");
    EXPECT_EQ(refusal({snapshot_with({{"k", "v"}})}), "");
    EXPECT_EQ(refusal({snapshot_with({{std::string(250, 'k'), std::string(1000, 'v'), 100}})}), "");
    EXPECT_EQ(refusal({snapshot_with({{"k", "v", 1, 1, 5000}})}), "");
    EXPECT_EQ(refusal({snapshot_with({{"k", "v", 1, 5, 1}})}), "") << "a millisecond is left";
    EXPECT_EQ(refusal({header(1, 100, max_stamp.value()), footer(0, hash_of_state(0, max_stamp))}),
              "");
}

TEST(StoreLoader, RefusesAHeaderThatIsNone) {
    EXPECT_EQ(refusal({""}), no_header);
    EXPECT_EQ(refusal({good_header().substr(0, 19)}), no_header);
    EXPECT_EQ(refusal({header(0, 100, 5000)}), no_header);
    EXPECT_EQ(refusal({header(2, 100, 5000)}), no_header);
    EXPECT_EQ(refusal({header(1, 100, -1)}), no_header);
    EXPECT_EQ(refusal({header(1, 100, max_stamp.value() + 1)}), no_header);
}

TEST(StoreLoader, RefusesItemsThatNoStoreHas) {
    const auto alone = [](const TestItem& item) { return refusal({snapshot_with({item})}); };
    EXPECT_EQ(alone({std::string(251, 'k'), "v"}), "item 1 is none") << "key too long";
    EXPECT_EQ(alone({"k", "v", 0}), "item 1 is none") << "version 0";
    EXPECT_EQ(alone({"k", "v", 101}), "item 1 is none") << "a version that is not applied";
    EXPECT_EQ(alone({"k", "v", 1, 1, -1}), "item 1 is none") << "a stamp before all time";
    EXPECT_EQ(alone({"k", "v", 1, 1, 5001}), "item 1 is none") << "a stamp past the clock";
    EXPECT_EQ(alone({"k", "v", 1, 5, 0}), "item 1 is none") << "past its end by the clock";
    EXPECT_EQ(alone({"k", "v", 1, 1, std::int64_t{1} << 62}), "item 1 is none");
    const TestItem too_large{"k", std::string(max_value_bytes + 1, 'v')};
    EXPECT_EQ(refusal({good_header() + bytes_of(too_large)}), "item 1 is none");
    EXPECT_EQ(alone({"k", std::string(max_value_bytes, 'v')}), "");
}

TEST(StoreLoader, RefusesLengthsThatPointBehindTheChunk) {
    std::string bytes = snapshot_with({{"k", "v"}});
    bytes[20 + 1 + 8 + 4 + 3] = '\xff';  // the upper byte of the length of the value
    EXPECT_EQ(refusal({bytes}), "item 1 is none");
    const std::string item = bytes_of({"k", "value"});
    EXPECT_EQ(refusal({good_header() + item.substr(0, 20), item.substr(20)}), "item 1 is none")
        << "no item goes over the end of a chunk";
}

TEST(StoreLoader, RefusesKeysTwiceOrInAnotherOrder) {
    TestItem first{"a", "v", 1}, second{"b", "v", 2};
    if (place_of(second.key) < place_of(first.key)) std::swap(first, second);
    EXPECT_EQ(refusal({snapshot_with({first, second})}), "");
    EXPECT_EQ(refusal({snapshot_with({second, first})}), "item 2 is out of order");
    EXPECT_EQ(refusal({snapshot_with({first, first})}), "item 2 is out of order");
    EXPECT_EQ(refusal({good_header() + bytes_of(first), bytes_of(second), bytes_of(second),
                       true_footer({first, second, second})}),
              "item 3 is out of order")
        << "in another chunk, too";
}

TEST(StoreLoader, RefusesWhatIsNotWhatItSaysOfItself) {
    const TestItem item{"k", "v"};
    const std::string begin = good_header() + bytes_of(item);
    const std::uint64_t hash = hash_of_state(0, ClusterMs(5000));
    EXPECT_EQ(refusal({begin + footer(2, hash)}), "it has 1 items and says it has 2");
    EXPECT_EQ(refusal({begin + footer(0, hash)}), "it has 1 items and says it has 0");
    EXPECT_EQ(refusal({begin + footer(1, hash)}), "its items give another hash than it says");
    EXPECT_EQ(refusal({header(1, 100, 6000) + bytes_of(item) + true_footer({item})}),
              "its items give another hash than it says")
        << "the clock is part of the hash";
    EXPECT_EQ(refusal({begin}), "its end is missing");
    EXPECT_EQ(refusal({begin + true_footer({item}).substr(0, 16)}), "its end is cut off");
    EXPECT_EQ(refusal({snapshot_with({item}) + "x"}), "it goes on after its end");
    EXPECT_EQ(refusal({snapshot_with({item}), bytes_of(item)}), "it goes on after its end");
    EXPECT_EQ(refusal({snapshot_with({item}), ""}), "") << "an empty chunk is nothing";
}

// Some items with and without an end, in a few shards; small enough to try all damage to it.
std::string small_snapshot() {
    Store store;
    for (std::uint64_t i = 1; i <= 12; ++i) {
        const std::string key = "key" + std::to_string(i);
        store.apply(LogIndex(i), set(1000, key, std::string(i, 'v'), i % 2 * 10));
    }
    return snapshot_of(store).at(0);
}

TEST(StoreLoader, NoticesEveryFlippedBitOfItemsClockAndSums) {
    const std::string good = small_snapshot();
    for (std::size_t at = 0; at < good.size(); ++at) {
        // The last applied index shows in no item. The file around this has sums over all bytes.
        if (at >= 4 && at < 12) continue;
        for (int bit = 0; bit < 8; ++bit) {
            std::string bad = good;
            bad[at] = static_cast<char>(bad[at] ^ 1 << bit);
            ASSERT_NE(refusal({bad}), "") << "byte " << at << " bit " << bit;
        }
    }
}

TEST(StoreLoader, NoticesEveryCut) {
    const std::string good = small_snapshot();
    for (std::size_t size = 0; size < good.size(); ++size) {
        ASSERT_NE(refusal({good.substr(0, size)}), "");
    }
    EXPECT_EQ(refusal({good}), "");
}

TEST(StoreLoader, NoticesLostAndSwappedChunks) {
    Store store;
    for (std::uint64_t i = 1; i <= 400; ++i) {
        store.apply(LogIndex(i), set(1, "k" + std::to_string(i), std::string(1000, 'v')));
    }
    const Chunks good = snapshot_of(store);
    ASSERT_GT(good.size(), 4u);
    for (std::size_t i = 0; i < good.size(); ++i) {
        Chunks bad = good;
        bad.erase(bad.begin() + static_cast<std::ptrdiff_t>(i));
        ASSERT_NE(refusal(bad), "") << "lost " << i;
        bad = good;
        bad.insert(bad.begin() + static_cast<std::ptrdiff_t>(i), good[i]);
        ASSERT_NE(refusal(bad), "") << "twice " << i;
        bad = good;
        std::swap(bad[i], bad[(i + 1) % good.size()]);
        ASSERT_NE(refusal(bad), "") << "swapped " << i;
    }
    EXPECT_EQ(refusal(good), "");
}

TEST(StoreLoader, SurvivesRandomBytes) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = good_header();
        bytes.resize(20 + random() % 100);
        for (std::size_t i = 20; i < bytes.size(); ++i) {
            bytes[i] = static_cast<char>(random() % 3 == 0 ? random() : random() % 4);
        }
        ASSERT_NE(refusal({bytes}), "");
    }
}

TEST(StoreLoader, MayBeDroppedHalfWay) {
    StoreLoader loader;
    EXPECT_TRUE(loader.add(good_header() + bytes_of({"k", "v", 1, 9, 1000})).ok());
    loader = StoreLoader();
    EXPECT_TRUE(loader.add(snapshot_with({})).ok());
    EXPECT_TRUE(loader.finish().ok());
}

}  // namespace
}  // namespace raftkv::kv
