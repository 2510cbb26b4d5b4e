#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "common/checksum.hpp"

namespace raftkv::kv {

// Where a key stands among all others: a store is read out by places, and keys of one place by
// their bytes. Snapshots have this order, so it can't change without a new format of theirs.
//
// It is the hash of the key, turned so that the bits that choose a shard come first. (The hash
// tables inside the shards use its upper bits to find a slot, and the lowest eight to tell keys
// apart.)
constexpr std::uint64_t place_of_hash(std::uint64_t key_hash) {
    return std::rotr(key_hash, 20);
}

inline std::uint64_t place_of(std::string_view key) {
    return place_of_hash(checksum(key));
}

}  // namespace raftkv::kv
