#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cli/bench/cluster.hpp"
#include "cli/bench/report.hpp"
#include "cli/bench/settings.hpp"
#include "cli/test/interrupt.hpp"
#include "common/result.hpp"

namespace raftkv::bench {

// Keys that no other run has.
KeySpace new_key_space(const Settings& settings);

// Writes the keys that a load reads or replaces, aimed as `load` is. An Error of kind failed when
// one is refused, interrupted when the user wants no more.
Result<void> write_keys(const LoadOptions& load, KeySpace& space);

// Gets a line now and then: how far it is.
using Say = std::function<void(const std::string&)>;

// The whole of it: a cluster, its keys, the load. What was measured until an interrupt is a
// report, too.
Result<Report> run_bench(const Settings& settings, const test::Interrupt& interrupt,
                         const Say& say);

}  // namespace raftkv::bench
