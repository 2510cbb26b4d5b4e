#pragma once

#include <filesystem>
#include <iosfwd>

#include "cli/test/history/history.hpp"
#include "common/result.hpp"

// A history as JSON lines, one operation a line: README.md lists the fields.

namespace raftkv::test {

// In the order in which the operations began; times count from the first.
void write_history(std::ostream& out, const History& history);
Result<void> write_history_file(const std::filesystem::path& file, const History& history);

// Untrusted bytes. An Error of kind corrupt says what is wrong in which line: "line 7: ...".
Result<History> read_history(std::istream& in);
// An Error of kind io, or one of read_history() with the name of the file.
Result<History> read_history_file(const std::filesystem::path& file);

}  // namespace raftkv::test
