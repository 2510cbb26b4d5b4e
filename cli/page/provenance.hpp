#pragma once

#include <string>
#include <utility>
#include <vector>

namespace raftkv::cli {

// What a report was made with: the version of this program, its compiler, and the machine. Names
// and texts, in the order to be shown.
std::vector<std::pair<std::string, std::string>> provenance();

}  // namespace raftkv::cli
