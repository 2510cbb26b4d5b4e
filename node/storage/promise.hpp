#pragma once

#include <cstdint>

#include "common/result.hpp"
#include "node/storage/disk.hpp"

// How long a node, whenever it heard a leader, helps nobody else to be elected, where leaders read
// by leases. The next process keeps what this one promised, however that is configured by then, so
// it is in the folder: as the name of an empty file, `promise-<milliseconds>`, of which nothing can
// be damaged by half.

namespace raftkv::storage {

// The longest that this folder knows of; 0: none.
Result<std::uint32_t> find_promise_ms(Disk& disk);

// From now on it is this one (0: none), durably. A crash meanwhile leaves both.
Result<void> replace_promise_ms(Disk& disk, std::uint32_t promise_ms);

}  // namespace raftkv::storage
