#pragma once

#include "cli/test/interrupt.hpp"
#include "cli/test/progress.hpp"
#include "cli/test/report.hpp"
#include "cli/test/settings.hpp"

namespace raftkv::test {

// Runs the scenarios one after the other, each on a cluster of its own; goes on after a failure,
// not after an interruption. When it returns no node runs any more, and no folder is left but
// those that the report names.
Report run_scenarios(const Settings& settings, Progress& progress, const Interrupt& interrupt);

}  // namespace raftkv::test
