#include "node/kv/store.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/kv/commands.hpp"

namespace raftkv::kv {

void PrintTo(Status status, std::ostream* out) {
    static const char* const names[] = {"stored",           "deleted",   "exists",
                                        "version_mismatch", "not_found", "ticked"};
    *out << names[static_cast<int>(status)];
}

namespace {

TEST(Store, IsEmptyAtFirst) {
    const Store store;
    EXPECT_EQ(store.size(), 0u);
    EXPECT_EQ(store.bytes(), 0u);
    EXPECT_EQ(store.clock(), ClusterMs(0));
    EXPECT_FALSE(store.find("k").has_value());
    EXPECT_FALSE(store.earliest_deadline().has_value());
    EXPECT_EQ(store.state_hash(), Store().state_hash());
}

TEST(Store, DoesWhatTheDialogueOfTheProtocolSays) {
    Store store;
    EXPECT_EQ(store.apply(LogIndex(2), set(100, "arun", "my name is arun", 10)).version, 2u);
    EXPECT_EQ(store.apply(LogIndex(3), set(100, "arun", "my name is babu", 14)).status,
              Status::exists);
    EXPECT_EQ(store.apply(LogIndex(4), cas(100, "arun", 1000, "wowo")).status,
              Status::version_mismatch);
    const Outcome swapped = store.apply(LogIndex(5), cas(100, "arun", 2, "wowo"));
    EXPECT_EQ(swapped.status, Status::stored);
    EXPECT_EQ(swapped.version, 5u);
    const std::optional<Item> item = store.find("arun");
    ASSERT_TRUE(item.has_value());
    EXPECT_EQ(item->key, "arun");
    EXPECT_EQ(item->value, "wowo");
    EXPECT_EQ(item->version, 5u);
    EXPECT_EQ(item->exptime_s, 0u);
    EXPECT_FALSE(item->deadline.has_value());
    EXPECT_EQ(store.apply(LogIndex(6), del(100, "babu")).status, Status::not_found);
    EXPECT_EQ(store.apply(LogIndex(7), del(100, "arun")).status, Status::deleted);
    EXPECT_FALSE(store.find("arun").has_value());
    EXPECT_EQ(store.apply(LogIndex(8), cas(100, "arun", 5, "x")).status, Status::not_found);
}

TEST(Store, GivesAVersionNeverAgainAlsoAfterADelete) {
    Store store;
    store.apply(LogIndex(1), set(1, "k", "a"));
    store.apply(LogIndex(2), del(1, "k"));
    EXPECT_EQ(store.apply(LogIndex(3), set(1, "k", "a")).version, 3u);
    EXPECT_EQ(store.apply(LogIndex(4), cas(1, "k", 1, "b")).status, Status::version_mismatch);
}

TEST(Store, KeepsKeysAndValuesOfAnyBytesAndTheLargestSizes) {
    Store store;
    const std::string key(250, '~');
    const std::string value(1u << 20, '\0');
    store.apply(LogIndex(1), set(1, key, value, 5));
    store.apply(LogIndex(2), set(1, "k", ""));
    EXPECT_EQ(store.find(key)->value, value);
    EXPECT_EQ(store.find(key)->key, key);
    EXPECT_EQ(store.find("k")->value, "");
}

TEST(Store, ClockIsTheLargestStampAndNeverGoesBack) {
    Store store;
    store.apply(LogIndex(1), set(100, "k", "v"));
    EXPECT_EQ(store.clock(), ClusterMs(100));
    store.apply(LogIndex(2), del(50, "k"));
    EXPECT_EQ(store.clock(), ClusterMs(100));
    store.apply(LogIndex(3), tick(200));
    EXPECT_EQ(store.clock(), ClusterMs(200));
}

TEST(Store, KeyEndsWhenTheClockReachesItsDeadline) {
    Store store;
    store.apply(LogIndex(1), set(1000, "k", "v", 10));
    EXPECT_EQ(store.find("k")->deadline, ClusterMs(11'000));
    EXPECT_EQ(store.find("k")->exptime_s, 10u);
    EXPECT_EQ(store.earliest_deadline(), ClusterMs(11'000));
    store.apply(LogIndex(2), tick(10'999));
    EXPECT_TRUE(store.find("k").has_value());
    store.apply(LogIndex(3), tick(11'000));
    EXPECT_FALSE(store.find("k").has_value());
    EXPECT_EQ(store.size(), 0u);
    EXPECT_FALSE(store.earliest_deadline().has_value());
}

TEST(Store, KeyPastItsEndIsThereForNoCommand) {
    const auto expired = [] {
        Store store;
        store.apply(LogIndex(1), set(0, "k", "old", 1));
        return store;
    };
    Store store = expired();
    EXPECT_EQ(store.apply(LogIndex(2), del(1000, "k")).status, Status::not_found);
    store = expired();
    EXPECT_EQ(store.apply(LogIndex(2), cas(1000, "k", 1, "new")).status, Status::not_found);
    store = expired();
    EXPECT_EQ(store.apply(LogIndex(2), set(1000, "k", "new")).status, Status::stored);
    EXPECT_EQ(store.find("k")->value, "new");
    EXPECT_EQ(store.size(), 1u);
    EXPECT_FALSE(store.earliest_deadline().has_value());
}

TEST(Store, CasReplacesTheEndToo) {
    Store store;
    store.apply(LogIndex(1), set(0, "k", "v", 1));
    store.apply(LogIndex(2), cas(500, "k", 1, "v", 2));
    EXPECT_EQ(store.find("k")->deadline, ClusterMs(2500));
    store.apply(LogIndex(3), cas(500, "k", 2, "v"));
    store.apply(LogIndex(4), tick(1'000'000));
    EXPECT_TRUE(store.find("k").has_value());
}

TEST(Store, KeyWhoseStampIsOlderThanItsWholeLifeIsNeverSeen) {
    Store store;
    store.apply(LogIndex(1), tick(10'000));
    EXPECT_EQ(store.apply(LogIndex(2), set(5'000, "k", "v", 5)).status, Status::stored);
    EXPECT_FALSE(store.find("k").has_value());
    EXPECT_EQ(store.size(), 0u);
}

// 3,000 keys that all end at 1,000.
Store with_many_due() {
    Store store;
    for (std::uint64_t i = 1; i <= 3000; ++i) {
        store.apply(LogIndex(i), set(0, "k" + std::to_string(i), "v", 1));
    }
    return store;
}

TEST(Store, RemovesABoundedNumberOfKeysWithEachCommand) {
    Store store = with_many_due();
    EXPECT_FALSE(store.has_past_end());
    store.apply(LogIndex(4000), set(1000, "other", "v"));
    EXPECT_EQ(store.size(), 3000u - 2 + 1);
    store.apply(LogIndex(4001), tick(1000));
    EXPECT_EQ(store.size(), 3000u - 4 + 1) << "no more with a tick";
    EXPECT_TRUE(store.has_past_end());
    EXPECT_EQ(store.remove_past_end(1000), 1000u);
    EXPECT_EQ(store.size(), 3000u - 1004 + 1);
    EXPECT_EQ(store.remove_past_end(10'000), 1996u);
    EXPECT_EQ(store.size(), 1u);
    EXPECT_FALSE(store.has_past_end());
    EXPECT_EQ(store.remove_past_end(10'000), 0u);
    EXPECT_FALSE(store.earliest_deadline().has_value());
}

TEST(Store, TheHashIsNotAtHandWhileKeysWaitForTheirRemoval) {
    Store store = with_many_due();
    EXPECT_EQ(store.state_hash_at_hand(), store.state_hash());
    store.apply(LogIndex(4000), tick(1000));
    EXPECT_EQ(store.state_hash_at_hand(), std::nullopt);
    store.remove_past_end(2997);
    EXPECT_EQ(store.state_hash_at_hand(), std::nullopt);
    store.remove_past_end(1);
    EXPECT_EQ(store.state_hash_at_hand(), store.state_hash());
}

TEST(Store, AReaderOfALaterTimeSeesNoKeyThatEndsByThen) {
    Store store;
    store.apply(LogIndex(1), set(0, "k", "v", 1));
    EXPECT_TRUE(store.find("k", ClusterMs(999)).has_value());
    EXPECT_FALSE(store.find("k", ClusterMs(1000)).has_value());
    store.apply(LogIndex(2), tick(1000));
    EXPECT_FALSE(store.find("k", ClusterMs(0)).has_value()) << "an earlier one is not asked for";
}

TEST(Store, ShowsNoneOfTheKeysThatWaitForTheirRemoval) {
    Store waiting = with_many_due();
    waiting.apply(LogIndex(4000), set(1000, "other", "v"));
    ASSERT_GT(waiting.size(), 1u);
    int seen = 0;
    waiting.for_each([&](const Item& item) {
        ++seen;
        EXPECT_EQ(item.key, "other");
    });
    EXPECT_EQ(seen, 1);
    for (int i = 1; i <= 3000; ++i) ASSERT_FALSE(waiting.find("k" + std::to_string(i)).has_value());

    Store never_had_them;
    never_had_them.apply(LogIndex(4000), set(1000, "other", "v"));
    EXPECT_EQ(waiting.state_hash(), never_had_them.state_hash());

    const std::uint64_t before = waiting.state_hash();
    waiting.remove_past_end(3000);
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting.state_hash(), before);
}

TEST(Store, HashTellsEveryDifferenceThatAReaderCouldSee) {
    const auto hash_after = [](std::uint64_t index, const std::string& command) {
        Store store;
        store.apply(LogIndex(index), command);
        store.apply(LogIndex(index + 100), tick(50'000));
        return store.state_hash();
    };
    const std::uint64_t hash = hash_after(1, set(1000, "k", "v", 100));
    EXPECT_EQ(hash, hash_after(1, set(1000, "k", "v", 100)));
    EXPECT_NE(hash, hash_after(2, set(1000, "k", "v", 100))) << "version";
    EXPECT_NE(hash, hash_after(1, set(1001, "k", "v", 100))) << "deadline";
    EXPECT_NE(hash, hash_after(1, set(1000, "k", "v"))) << "exptime";
    EXPECT_NE(hash, hash_after(1, set(1000, "K", "v", 100))) << "key";
    EXPECT_NE(hash, hash_after(1, set(1000, "k", "w", 100))) << "value";
    EXPECT_NE(hash_after(1, set(1000, "ka", "v")), hash_after(1, set(1000, "k", "av")));
    EXPECT_NE(hash_after(1, tick(1)), Store().state_hash()) << "clock";
}

TEST(Store, CountsTheBytesOfItsRecords) {
    Store store;
    store.apply(LogIndex(1), set(0, "four", "sixsix"));
    EXPECT_EQ(store.bytes(), 16u + 4 + 6);
    store.apply(LogIndex(2), set(0, "k", "v", 5));
    EXPECT_EQ(store.bytes(), 16u + 4 + 6 + 56 + 2);
    store.apply(LogIndex(3), cas(0, "four", 1, "x"));
    EXPECT_EQ(store.bytes(), 16u + 4 + 1 + 56 + 2);
    store.apply(LogIndex(4), tick(5000));
    store.apply(LogIndex(5), del(0, "four"));
    EXPECT_EQ(store.bytes(), 0u);
}

TEST(Store, MayBeMoved) {
    Store first;
    first.apply(LogIndex(1), set(0, "k", "v", 5));
    Store second = std::move(first);
    EXPECT_EQ(second.find("k")->value, "v");
    first = std::move(second);
    EXPECT_EQ(first.apply(LogIndex(2), del(0, "k")).status, Status::deleted);
}

TEST(StoreDeathTest, RefusesWhatNoCommittedEntryHolds) {
    Store store;
    store.apply(LogIndex(5), tick(1));
    EXPECT_DEATH(store.apply(LogIndex(5), tick(1)), "invariant broken");
    EXPECT_DEATH(store.apply(LogIndex(6), "garbage"), "invariant broken");
}

}  // namespace
}  // namespace raftkv::kv
