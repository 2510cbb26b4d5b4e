#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace raftkv {

// The length of the UTF-8 character at the front, and its number; 0 when there is none. Overlong
// forms and surrogates are none.
std::size_t take_utf8(std::string_view bytes, std::uint32_t& code);

// Beyond ASCII: no C1 control, which terminals obey, and no mark that reorders or hides text, which
// makes one value look like another.
bool shows_as_itself(std::uint32_t code);

}  // namespace raftkv
