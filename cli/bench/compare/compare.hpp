#pragma once

#include "cli/bench/compare/comparison.hpp"
#include "cli/bench/run.hpp"
#include "cli/test/interrupt.hpp"
#include "common/result.hpp"

namespace raftkv::bench {

// Starts raftkv and those it is compared with, gives all of them the same loads, turn by turn, and
// ends them. Of `against` those that are not installed are left out and named; an Error of kind
// failed when that leaves nobody, or when an operation fails: a ratio of failures says nothing.
Result<Comparison> run_compare(const CompareSettings& settings, const test::Interrupt& interrupt,
                               const Say& say);

}  // namespace raftkv::bench
