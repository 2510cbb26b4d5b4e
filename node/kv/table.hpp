#pragma once

#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "node/kv/record.hpp"

namespace raftkv::kv {

// Finds records by key; owns none of them.
//
// It is many small hash tables instead of a large one. A table that grows moves all its slots and
// reads every key for it: tenths of a second at some million keys, as long as an election timeout.
// The small ones grow one at a time.
class Table {
  public:
    // nullptr when it is not there.
    Record* find(std::string_view key) const;
    // Answers the record that had the key before, or nullptr.
    Record* put(Record* record);
    // The record must be there.
    void remove(const Record* record);

    std::size_t size() const { return size_; }

    template <class Visit>
    void for_each(const Visit& visit) const {
        for (const Shard& shard : shards_) {
            for (Record* record : shard) visit(record);
        }
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

    static constexpr std::size_t shard_count = 256;
    // Boost's tables use the upper bits to find the place and the lowest eight to tell keys apart.
    static std::size_t shard_of(const HashedKey& key) { return key.hash >> 8 & (shard_count - 1); }

    std::array<Shard, shard_count> shards_;
    std::size_t size_ = 0;
};

}  // namespace raftkv::kv
