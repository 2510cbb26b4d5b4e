#pragma once

#include <cstddef>
#include <cstdint>

#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::server {

// What one client may cost.
struct ClientLimits {
    std::uint32_t max_value_bytes = 1u << 20;
    std::size_t max_connections = 10'000;
    // Requests of one connection that are taken and not answered; past it its socket is not read.
    std::size_t max_unanswered = 1024;
    std::size_t max_unanswered_bytes = 4u << 20;
    // Replies that the client does not take: past the first its socket is not read, past the
    // second it is cut off.
    std::size_t pause_output_bytes = 1u << 20;
    std::size_t max_output_bytes = 8u << 20;
    // Half commands and replies on their way, of all connections together. Past it, a connection
    // that holds more than its fair bit and wants more is cut off.
    std::size_t max_buffered_bytes = 256u << 20;
    std::size_t fair_buffered_bytes = 64u << 10;
    std::int64_t write_stall_ms = 30'000;   // replies wait and none is taken: cut off
    std::int64_t half_command_ms = 75'000;  // a command began and does not go on: cut off
    std::int64_t linger_ms = 1'000;         // for a refused client to read why
};

// As the configuration and the system have it.
ClientLimits client_limits(const ClusterConfig& config);
// Fewer clients than by themselves are told to the log; an Error where there can be no node at all.
Result<void> check_descriptors();

}  // namespace raftkv::server
