#pragma once

#include <string>
#include <string_view>

// Text that others sent, fit to be shown: on a terminal, in a log. No control character is left, C1
// ones and DEL included, and nothing that is no UTF-8 or reorders or hides what is beside it; all
// that becomes \xNN, one for each byte.

namespace raftkv {

// One line: ends of lines become \n, in two characters.
std::string printable_line(std::string_view text);

// Ends of lines and tabs stay.
std::string printable_text(std::string_view text);

}  // namespace raftkv
