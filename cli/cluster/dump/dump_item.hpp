#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace raftkv::cli::dump {

// A line of a dump, which people and scripts write, too:
//   {"key":"arun","value":"my name is arun","version":7,"exptime":60,"remaining":42}
// `value_base64` instead of `value` for bytes that are no UTF-8. Only key and value must be there.
struct DumpItem {
    std::string key;
    std::string value;
    std::uint32_t exptime_s = 0;  // what it has left, or else as it was given; 0 is never
};

// Untrusted bytes; an error is of kind usage and names the field.
Result<DumpItem> parse_item(std::string_view line);

}  // namespace raftkv::cli::dump
