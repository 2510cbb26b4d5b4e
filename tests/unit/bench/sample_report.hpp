#pragma once

#include "cli/bench/report.hpp"

namespace raftkv::bench {

// A second in which a thousand operations took 1 us to 1 ms and three were lost; of two nodes one
// did not answer.
Report sample_report();
// The same, with texts that try to take over a page.
Report hostile_report();

}  // namespace raftkv::bench
