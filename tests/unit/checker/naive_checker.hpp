#pragma once

#include "cli/test/history/expiry.hpp"
#include "cli/test/history/history.hpp"

namespace raftkv::test {

// Whether a history is linearizable, found out by playing the store through it: time goes by in
// small steps, and at each of them everything is tried that may happen then. Knows nothing of the
// checker's shortcuts, and sees all keys at once. For histories of a handful of operations, whose
// times are whole multiples of 250 ms.
bool is_linearizable_naively(const History& history, const Limits& limits);

}  // namespace raftkv::test
