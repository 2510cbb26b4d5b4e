#pragma once

#include "cli/test/chaos/report.hpp"

namespace raftkv::chaos {

// A run of three nodes over ten seconds in which everything can be seen that a report shows.
Report sample_report();
// The same, failed.
Report failed_report();
// Every text of it tries to be obeyed by a browser.
Report hostile_report();

}  // namespace raftkv::chaos
