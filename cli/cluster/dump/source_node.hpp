#pragma once

#include <chrono>
#include <optional>

#include "common/config.hpp"
#include "common/result.hpp"

namespace raftkv::cli::dump {

// The node to dump from: a follower when there is one, because the leader has enough to do, that
// has applied everything that any node knew to be committed when this was called; so whatever was
// answered before is in the dump. Waits for such a node; an Error of kind unavailable when there is
// no majority, or it takes longer than `patience`.
Result<ServerConfig> choose_source(const ClusterConfig& config, std::chrono::milliseconds patience,
                                   int cancel_fd);

// The node of that id, in whatever state it is.
Result<ServerConfig> find_source(const ClusterConfig& config, NodeId id);

}  // namespace raftkv::cli::dump
