#pragma once

#include "cli/test/chaos/report.hpp"
#include "cli/test/chaos/settings.hpp"
#include "cli/test/interrupt.hpp"
#include "cli/test/progress.hpp"

namespace raftkv::chaos {

// Puts a cluster of its own through a schedule of faults, and judges what its clients saw. When it
// returns no node runs any more, and no folder is left but the one that the report names. An Error
// says that there was no run: no folder, no ports, a node program that cannot be started.
Result<Report> run_chaos(const Settings& settings, test::Progress& progress,
                         const test::Interrupt& interrupt);

}  // namespace raftkv::chaos
