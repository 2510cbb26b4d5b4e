#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace raftkv::bench {

// Where PATH, or the folder of programs that only root's has, says that it is.
std::optional<std::filesystem::path> program(std::string_view name);

// The last line of a file that is not empty; "none" without one.
std::string last_line(const std::filesystem::path& file);

}  // namespace raftkv::bench
