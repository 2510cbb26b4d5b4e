#pragma once

#include <boost/intrusive/set_hook.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/strong_types.hpp"
#include "node/kv/command.hpp"

// How the store keeps an item: one block of the heap, with the little that must be known of it in
// front of its bytes. At a million small keys the bookkeeping is most of the memory.
//
//   [ Expiry 40, only when the item has an end ] [ Record 16 ] [ key ] [ value ]

namespace raftkv::kv {

struct Record {
    std::uint64_t version;
    std::uint32_t exptime_s;
    std::uint32_t value_size : 24;
    std::uint32_t key_size : 8;

    const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
    std::string_view key() const { return {bytes(), key_size}; }
    std::string_view value() const { return {bytes() + key_size, value_size}; }
    bool has_end() const { return exptime_s != 0; }
};
static_assert(sizeof(Record) == 16);
static_assert(max_value_bytes < (1u << 24));

// Links the record behind it into the order of deadlines.
struct Expiry : boost::intrusive::set_base_hook<> {
    explicit Expiry(ClusterMs when) : deadline(when) {}

    ClusterMs deadline;

    Record* record() { return reinterpret_cast<Record*>(this + 1); }
    const Record* record() const { return reinterpret_cast<const Record*>(this + 1); }
};
static_assert(sizeof(Expiry) == 40);

// Only of a record that has an end.
Expiry& expiry_of(Record& record);
const Expiry& expiry_of(const Record& record);

// The item that a set or cas command at log index `version` leaves. The caller owns it.
Record* make_record(const Command& command, std::uint64_t version);
// In no order of deadlines.
Record* copy_of(const Record& record);
// The record must be in no order of deadlines any more.
void free_record(Record* record);

bool is_live(const Record& record, ClusterMs clock);
// Size of its block.
std::size_t block_bytes(const Record& record);
// Of all that a reader could ever see of it.
std::uint64_t hash_of(const Record& record);
std::uint64_t hash_of(const Record& record, std::uint64_t key_hash);
// Of a state whose live records have `sum` as the sum of their hashes, modulo 2^64.
std::uint64_t hash_of_state(std::uint64_t sum, ClusterMs clock);

}  // namespace raftkv::kv
