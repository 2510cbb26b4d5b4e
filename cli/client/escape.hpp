#pragma once

#include <string>
#include <string_view>

// Bytes as people read and type them.

namespace raftkv::cli::client {

// Printable ASCII as it is; \\ \" \r \n \t and \xNN for all else. One line, safe for a terminal,
// and what a double-quoted word of the command language turns back into the same bytes.
std::string escaped(std::string_view bytes);

// The same, but text in other scripts (visible UTF-8) stays readable.
std::string escaped_text(std::string_view bytes);

bool is_utf8(std::string_view bytes);

// Two lower case digits a byte.
std::string to_hex(std::string_view bytes);
// False when it is no even number of hex digits; `out` is unspecified then.
bool from_hex(std::string_view digits, std::string& out);

// -1 when it is none.
int hex_digit(char c);

}  // namespace raftkv::cli::client
