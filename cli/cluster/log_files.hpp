#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/result.hpp"

namespace raftkv::cli {

constexpr std::uint64_t log_limit = 16 << 20;

// When the log has grown past `limit`, copies it over the ".1" beside it and empties it: writers
// hold it open for appending, so it must stay the same file. Lines written between the two steps
// are lost.
Result<void> rotate_log(const std::filesystem::path& log, std::uint64_t limit = log_limit);

// The last `count` lines, without line ends; reads no more of the file than that needs, and of
// endless lines only a part. Only the first `size` bytes count. None when the file is not there.
std::vector<std::string> last_lines(const std::filesystem::path& log, std::size_t count,
                                    std::uint64_t size = UINT64_MAX);

}  // namespace raftkv::cli
