#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace raftkv::cli {

// The one of `known` that `word` is most likely a slip of: at most two letters (one in a short
// word) are wrong, missing, too many, or swapped with a neighbour, or it is the only one that
// begins with it. Empty when there is none.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

// "; did you mean status?", or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace raftkv::cli
