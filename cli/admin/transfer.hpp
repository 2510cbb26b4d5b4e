#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "common/config.hpp"
#include "common/result.hpp"
#include "common/strong_types.hpp"

namespace raftkv::cli {

struct TransferReport {
    NodeId from;
    NodeId to;
    Term term;  // in which `to` leads
    std::uint64_t took_ms = 0;
};

// Tells whoever leads to hand leadership to `to`, or to the most advanced follower, and waits until
// that one leads. Errors: of kind usage for a node that the cluster does not have, unavailable when
// there is no leader or no node answers, failed when the leader refuses or goes on leading.
Result<TransferReport> transfer_leadership(const ClusterConfig& config, std::optional<NodeId> to);

// The same of the leader that is given.
Result<TransferReport> order_transfer(const ServerConfig& leader, std::optional<NodeId> to,
                                      std::chrono::milliseconds timeout);

}  // namespace raftkv::cli
