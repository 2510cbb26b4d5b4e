#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace raftkv::raft {

// How many of `servers` make a majority.
constexpr std::size_t majority(std::size_t servers) {
    return servers / 2 + 1;
}

// The largest number that a majority has reached: of all `reached`, one a server, at least a
// majority are >= it. Zero for no servers.
std::uint64_t majority_reached(std::span<const std::uint64_t> reached);

}  // namespace raftkv::raft
