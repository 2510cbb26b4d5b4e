#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace raftkv::cli {

// An object without an end of line; `indent` as nlohmann has it, -1 is one line. Paths, and what
// others said, may be no UTF-8: what is not is replaced, where nlohmann's own dump() throws. No
// control character is left, for it may be shown on a terminal.
std::string json_text(const nlohmann::ordered_json& object, int indent = -1);

}  // namespace raftkv::cli
