#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/strong_types.hpp"

// The commands of the state machine as bytes: the payload of a log entry.
//
//   set     u8 op=1 | i64 stamp_ms | u32 exptime_s | u8 key length | key | value
//   cas     u8 op=2 | i64 stamp_ms | u32 exptime_s | u64 version | u8 key length | key | value
//   delete  u8 op=3 | i64 stamp_ms | u8 key length | key
//   tick    u8 op=4 | i64 stamp_ms                  moves the clock, so that keys expire

namespace raftkv::kv {

// Far beyond every date, and far enough from the end of its type that stamp + exptime stays in it.
constexpr ClusterMs max_stamp{std::int64_t{1} << 53};
constexpr std::size_t max_key_bytes = 250;
constexpr std::size_t max_value_bytes = (1u << 24) - 1;  // what a record of the store can count

enum class CommandOp : std::uint8_t { set = 1, cas = 2, del = 3, tick = 4 };

struct Command {
    CommandOp op = CommandOp::tick;
    ClusterMs stamp;  // the leader's clock when it proposed the command
    std::uint32_t exptime_s = 0;
    std::uint64_t version = 0;
    std::string_view key;
    std::string_view value;
};

// How long an item lives; an exptime of 0 is for ever and has no such.
constexpr std::int64_t life_ms(std::uint32_t exptime_s) {
    return std::int64_t{1000} * exptime_s;
}
constexpr ClusterMs deadline_of(const Command& command) {
    return command.stamp + life_ms(command.exptime_s);
}

// Appends; a key is 1 to 250 bytes, a stamp 0 to max_stamp.
void encode(const Command& command, std::string& out);

// The views point into `bytes`. Nothing when the bytes are no command.
std::optional<Command> decode(std::string_view bytes);

}  // namespace raftkv::kv
