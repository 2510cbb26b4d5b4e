#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/bytes.hpp"
#include "common/strong_types.hpp"
#include "node/kv/command.hpp"
#include "node/kv/record.hpp"

// A store as bytes: what Store::read_snapshot gives and StoreLoader takes.
//
//   header  u32 format=1 | u64 applied | i64 clock_ms
//   item    u8 key length | u64 version | u32 exptime_s | i64 stamp_ms, only when exptime_s is not
//   0
//           | u32 value length | key | value
//   footer  u8 0 | u64 number of items | u64 state hash
//
// The items are those that are there by the clock, each once, by ascending place and key
// (place.hpp). The whole is cut into chunks, each of which but the last is ended by the item that
// brought it to chunk_bytes. So equal states are equal bytes in equal chunks, on every replica.

namespace raftkv::kv::snapshot {

constexpr std::uint32_t format = 1;
constexpr std::size_t chunk_bytes = 64 * 1024;
// Of an item beside key and value; and what its end takes, if it has one.
constexpr std::size_t item_bytes = 17, end_bytes = 8;

struct Header {
    LogIndex applied;  // the last entry that was applied to the store
    ClusterMs clock;
};

// As the set command that leaves the item, and its place in the log.
struct Item {
    Command command;
    std::uint64_t version = 0;
};

struct Footer {
    std::uint64_t items = 0;
    std::uint64_t state_hash = 0;
};

// These append.
void put_header(const Header& header, std::string& out);
void put_item(const Record& record, std::string& out);
void put_footer(const Footer& footer, std::string& out);

// Nothing when the bytes are cut off, of another format or not possible in any store. The views of
// an item point into the bytes.
std::optional<Header> take_header(ByteReader& reader);
// What follows the first byte of an item, which is the length of its key and not 0.
std::optional<Item> take_item(ByteReader& reader, std::uint8_t key_bytes, const Header& header);
// What follows the first byte of a footer.
std::optional<Footer> take_footer(ByteReader& reader);

}  // namespace raftkv::kv::snapshot
