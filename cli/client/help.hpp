#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"

namespace raftkv::cli::client {

// The list of commands, or all about one. `raw`: with what --raw adds. An unknown topic is an error
// of kind usage.
Result<std::string> help_text(std::string_view topic, bool raw);

}  // namespace raftkv::cli::client
