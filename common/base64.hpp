#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace raftkv {

// RFC 4648, section 4: with padding, in one line.
std::string to_base64(std::string_view bytes);

// Nothing when the text is not what to_base64() could have made.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace raftkv
