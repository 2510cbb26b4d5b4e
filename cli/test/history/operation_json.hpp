#pragma once

#include <string>
#include <string_view>

#include "cli/test/history/history.hpp"
#include "common/result.hpp"

// One operation as a JSON object: README.md lists the fields.

namespace raftkv::test {

// Without a line end. Times count from `epoch`, which is not after the start.
std::string to_json(const Operation& operation, Instant epoch);

// Untrusted bytes; an Error of kind corrupt says what is wrong. Times count from Instant().
Result<Operation> operation_from_json(std::string_view text);

}  // namespace raftkv::test
