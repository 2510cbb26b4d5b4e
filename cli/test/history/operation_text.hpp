#pragma once

#include <string>

#include "cli/test/history/history.hpp"

namespace raftkv::test {

// The operation and its answer on one line, in columns: times from `epoch`, who, what, answer.
std::string line_of(const Operation& operation, Instant epoch);

}  // namespace raftkv::test
