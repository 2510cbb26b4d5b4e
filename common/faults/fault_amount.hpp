#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.hpp"
#include "common/strong_types.hpp"

// How much, how long and who, in the words of faults. Any bytes are answered; errors are of kind
// usage and show the word.

namespace raftkv {

// "80ms", "1.5s", "2m", "1h"; where `sign`, also "+30s" and "-30s". Milliseconds.
Result<std::int64_t> parse_fault_time(std::string_view word, bool sign);
// The shortest that means the same: "90s", "2m".
std::string fault_time_text(std::int64_t ms);

// "5%", "0.25%"; where `sign`, also "+5%" and "-5%". Hundredths of a percent.
Result<std::int64_t> parse_fault_percent(std::string_view word, bool sign);
std::string fault_percent_text(std::int64_t hundredths, bool sign);

Result<NodeId> parse_fault_node(std::string_view word);

// For an error message: short and printable, whatever the bytes.
std::string shown_word(std::string_view word);

}  // namespace raftkv
