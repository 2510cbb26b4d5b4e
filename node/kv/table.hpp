#pragma once

#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "node/kv/place.hpp"
#include "node/kv/record.hpp"

namespace raftkv::kv {

// Finds records by key; owns none of them.
//
// It is many small hash tables instead of a large one. A table that grows moves all its slots and
// reads every key for it: tenths of a second at some million keys, as long as an election timeout.
// The small ones grow one at a time, and are small enough to be sorted at one go (frozen.hpp).
class Table {
  public:
    static constexpr unsigned shard_bits = 11;
    static constexpr std::size_t shard_count = std::size_t{1} << shard_bits;

    // Shards are runs of places: the first has the smallest.
    static std::size_t shard_of_place(std::uint64_t place) { return place >> (64 - shard_bits); }

    // nullptr when it is not there.
    Record* find(std::string_view key) const;
    // Answers the record that had the key before, or nullptr.
    Record* put(Record* record);
    // The record must be there.
    void remove(const Record* record);
    // Into a shard that is empty: all that it shall have, no key twice.
    void fill(std::size_t shard, const std::vector<Record*>& records);

    std::size_t size() const { return size_; }
    std::size_t shard_size(std::size_t shard) const { return shards_[shard].size(); }

    // In no particular order.
    template <class Visit>
    void for_each_in(std::size_t shard, const Visit& visit) const {
        if (shards_[shard].empty()) return;  // sooner seen than its slots are looked through
        for (Record* record : shards_[shard]) visit(record);
    }

    template <class Visit>
    void for_each(const Visit& visit) const {
        for (std::size_t shard = 0; shard < shard_count; ++shard) for_each_in(shard, visit);
    }

  private:
    struct HashedKey {
        explicit HashedKey(std::string_view key);

        std::string_view text;
        std::uint64_t hash;
    };
    struct Hash {
        using is_transparent = void;
        using is_avalanching = void;  // every bit of XXH3 is good; no need to mix again
        std::size_t operator()(const HashedKey& key) const { return key.hash; }
        std::size_t operator()(const Record* record) const { return HashedKey(record->key()).hash; }
    };
    struct SameKey {
        using is_transparent = void;
        bool operator()(const HashedKey& a, const Record* b) const { return a.text == b->key(); }
        bool operator()(const Record* a, const HashedKey& b) const { return a->key() == b.text; }
        bool operator()(const Record* a, const Record* b) const { return a->key() == b->key(); }
    };
    using Shard = boost::unordered_flat_set<Record*, Hash, SameKey>;

    static std::size_t shard_of(const HashedKey& key) {
        return shard_of_place(place_of_hash(key.hash));
    }

    std::array<Shard, shard_count> shards_;
    std::size_t size_ = 0;
};

}  // namespace raftkv::kv
