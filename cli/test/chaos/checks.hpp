#pragma once

#include "cli/test/chaos/stand.hpp"
#include "cli/test/history/expiry.hpp"
#include "common/result.hpp"

namespace raftkv::chaos {

// What the clocks of a run may have been off by, beside what its history tells.
test::Limits limits_for(const std::vector<FaultRecord>& faults);

// Looks at what is left of the run: reads everything, compares the nodes, judges the history. Each
// look is a check of the report. `disturbed` is how the run went; where it failed the cluster is
// left alone, and only the history is judged. An Error is of kind interrupted.
Result<void> check_all(Stand& stand, const Result<void>& disturbed);

}  // namespace raftkv::chaos
