#pragma once

#include "cli/test/chaos/stand.hpp"
#include "common/result.hpp"

namespace raftkv::chaos {

// Clients work while the faults of the settings happen, then while everything heals, until all
// nodes have caught up. Whatever becomes of it, what was done and seen is in the stand's history
// and report. An Error of kind interrupted, or one that says what the cluster did that it must not.
Result<void> disturb(Stand& stand);

}  // namespace raftkv::chaos
