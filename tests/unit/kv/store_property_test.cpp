#include <gtest/gtest.h>

#include <map>
#include <string>

#include "node/kv/store.hpp"
#include "tests/unit/kv/commands.hpp"
#include "tests/unit/kv/random_log.hpp"

// Random commands against the simplest store that could be right.

namespace raftkv::kv {
namespace {

struct NaiveItem {
    std::string value;
    std::uint64_t version = 0;
    std::uint32_t exptime_s = 0;
    std::int64_t deadline = 0;  // meaningful when exptime_s is not 0

    bool operator==(const NaiveItem&) const = default;
};
using NaiveItems = std::map<std::string, NaiveItem, std::less<>>;

class NaiveStore {
  public:
    Outcome apply(std::uint64_t index, const Command& command) {
        clock_ = std::max(clock_, command.stamp.value());
        std::erase_if(items_, [this](const auto& item) { return is_over(item.second); });
        const Outcome outcome = dispatch(index, command);
        std::erase_if(items_, [this](const auto& item) { return is_over(item.second); });
        return outcome;
    }

    const NaiveItems& items() const { return items_; }
    std::int64_t clock() const { return clock_; }

  private:
    bool is_over(const NaiveItem& item) const {
        return item.exptime_s != 0 && item.deadline <= clock_;
    }

    Outcome dispatch(std::uint64_t index, const Command& command) {
        if (command.op == CommandOp::tick) return {Status::ticked, 0};
        const auto found = items_.find(command.key);
        const bool is_there = found != items_.end();
        if (command.op == CommandOp::set && is_there) return {Status::exists, 0};
        if (command.op != CommandOp::set && !is_there) return {Status::not_found, 0};
        if (command.op == CommandOp::del) {
            items_.erase(found);
            return {Status::deleted, 0};
        }
        if (command.op == CommandOp::cas && found->second.version != command.version) {
            return {Status::version_mismatch, 0};
        }
        items_[std::string(command.key)] = {
            std::string(command.value), index, command.exptime_s,
            command.stamp.value() + std::int64_t{1000} * command.exptime_s};
        return {Status::stored, index};
    }

    NaiveItems items_;
    std::int64_t clock_ = 0;
};

NaiveItems items_of(const Store& store) {
    NaiveItems items;
    store.for_each([&items](const Item& item) {
        const bool is_new =
            items
                .emplace(item.key, NaiveItem{std::string(item.value), item.version, item.exptime_s,
                                             item.deadline.value_or(ClusterMs(0)).value()})
                .second;
        EXPECT_TRUE(is_new) << item.key << " is there twice";
    });
    return items;
}

// The naive store writes a deadline to items without an end, too.
NaiveItems without_idle_deadlines(NaiveItems items) {
    for (auto& [key, item] : items) {
        if (item.exptime_s == 0) item.deadline = 0;
    }
    return items;
}

TEST(StoreProperty, DoesWhatTheNaiveStoreDoes) {
    std::size_t outcomes[6] = {};
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Store store;
        NaiveStore naive;
        std::size_t step = 0;
        for (const auto& [index, bytes] : random_log(seed, 2000)) {
            const Outcome expected = naive.apply(index.value(), *decode(bytes));
            const Outcome outcome = store.apply(index, bytes);
            ASSERT_EQ(outcome.status, expected.status)
                << "seed " << seed << " index " << index.value();
            ASSERT_EQ(outcome.version, expected.version);
            ASSERT_EQ(store.clock().value(), naive.clock());
            ASSERT_GE(store.size(), naive.items().size());
            ++outcomes[static_cast<std::size_t>(outcome.status)];
            if (++step % 100 != 0) continue;
            ASSERT_EQ(items_of(store), without_idle_deadlines(naive.items())) << "seed " << seed;
            for (const auto& [key, item] : naive.items()) {
                ASSERT_EQ(store.find(key)->value, item.value);
            }
        }
    }
    for (std::size_t count : outcomes) EXPECT_GT(count, 100u) << "the log is no good test";
}

TEST(StoreProperty, ReplayGivesTheSameStateByteForByteAtEveryStep) {
    for (std::uint64_t seed = 100; seed < 120; ++seed) {
        Store first;
        Store second;
        for (const auto& [index, bytes] : random_log(seed, 2000)) {
            const Outcome a = first.apply(index, bytes);
            const Outcome b = second.apply(index, bytes);
            ASSERT_EQ(a.status, b.status);
            ASSERT_EQ(first.state_hash(), second.state_hash());
            ASSERT_EQ(first.size(), second.size());
            ASSERT_EQ(first.bytes(), second.bytes());
            ASSERT_EQ(first.earliest_deadline(), second.earliest_deadline());
        }
        ASSERT_EQ(items_of(first), items_of(second));
    }
}

// The hash of a store that was built anew from what a reader sees: each item set again at the
// index that wrote it, by the stamp that gives its deadline.
std::uint64_t hash_when_rebuilt(const NaiveItems& items, std::int64_t clock) {
    std::map<std::uint64_t, std::string> sets;
    for (const auto& [key, item] : items) {
        const std::int64_t life_ms = std::int64_t{1000} * item.exptime_s;
        const std::int64_t stamp = item.exptime_s == 0 ? 0 : item.deadline - life_ms;
        sets[item.version] = set(stamp, key, item.value, item.exptime_s);
    }
    Store store;
    for (const auto& [index, bytes] : sets) store.apply(LogIndex(index), bytes);
    store.apply(LogIndex(1u << 30), tick(clock));
    return store.state_hash();
}

TEST(StoreProperty, HashDependsOnLiveItemsAndClockAlone) {
    for (std::uint64_t seed = 200; seed < 220; ++seed) {
        Store store;
        std::size_t step = 0;
        for (const auto& [index, bytes] : random_log(seed, 1000)) {
            store.apply(index, bytes);
            if (++step % 50 != 0) continue;
            ASSERT_EQ(store.state_hash(),
                      hash_when_rebuilt(items_of(store), store.clock().value()));
        }
    }
}

TEST(StoreProperty, HoldsNothingOnceEverythingIsDeletedOrOver) {
    for (std::uint64_t seed = 300; seed < 310; ++seed) {
        Store store;
        for (const auto& [index, bytes] : random_log(seed, 1000)) store.apply(index, bytes);
        std::uint64_t index = 1u << 20;
        for (const auto& [key, item] : items_of(store)) store.apply(LogIndex(++index), del(0, key));
        store.apply(LogIndex(++index), tick(std::int64_t{1} << 40));
        EXPECT_EQ(store.size(), 0u);
        EXPECT_EQ(store.bytes(), 0u);
        EXPECT_FALSE(store.earliest_deadline().has_value());
    }
}

}  // namespace
}  // namespace raftkv::kv
