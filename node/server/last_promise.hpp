#pragma once

#include <cstdint>

#include "common/config.hpp"
#include "common/result.hpp"
#include "node/storage/disk.hpp"

namespace raftkv::server {

// How long a node that is configured so helps nobody else to be elected after it heard a leader; 0:
// it has no leases. It does so from its start on.
std::uint32_t promise_ms(const ClusterConfig& config);

// For a node that starts and has its folder, before it speaks to anybody. What the process before
// it promised may be longer than its own promise, and is waited out here. Then the folder knows its
// own.
Result<void> keep_last_promise(storage::Disk& disk, const ClusterConfig& config);

}  // namespace raftkv::server
