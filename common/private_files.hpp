#pragma once

#include <filesystem>
#include <string_view>
#include <system_error>

#include "common/result.hpp"

// Files and folders that are their owner's alone, whatever the umask: they hold everybody's data.

namespace raftkv {

constexpr unsigned private_file_mode = 0600;
constexpr unsigned private_folder_mode = 0700;

// Creates what is missing of the path. Folders that are there are left as they are.
void create_private_folders(const std::filesystem::path& path, std::error_code& error);

// Replaces what is there. False, with errno, when the system did not take all of it.
[[nodiscard]] bool write_private_file(const std::filesystem::path& file, std::string_view text);

// Whoever may write to a folder may put a socket of his own in the place of ours, and files of his
// own in the place of those beside it. Refused (usage) where that is anybody but this user and
// root, also when this user is root; a folder that is not there is fine.
Result<void> check_socket_folder(const std::filesystem::path& folder);

}  // namespace raftkv
