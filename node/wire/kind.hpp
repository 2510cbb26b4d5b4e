#pragma once

#include <cstdint>
#include <string>

#include "common/bytes.hpp"

namespace raftkv::wire {

// The first byte of every body. README.md of this folder has what follows.
enum class Kind : std::uint8_t {
    hello = 1,
    vote_request,
    vote_response,
    append_request,
    append_response,
    heartbeat,
    heartbeat_response,
    timeout_now,
    snapshot_chunk,
    snapshot_response,
    refusal,
    introduction,
};

inline void put_kind(std::string& out, Kind kind) {
    put(out, static_cast<std::uint8_t>(kind));
}

}  // namespace raftkv::wire
