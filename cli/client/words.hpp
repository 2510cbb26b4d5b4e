#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"

namespace raftkv::cli::client {

// A line of the command language as words. Blanks separate words; "..." holds blanks and escapes,
// '...' holds everything as it is, and quoted and bare parts that touch are one word. Outside '...'
// the escapes are \n \r \t \0 \\ \" \' \xNN and a backslash before a blank. An error is of kind
// usage and points at the column.
Result<std::vector<std::string>> split_words(std::string_view line);

}  // namespace raftkv::cli::client
