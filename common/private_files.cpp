#include "common/private_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "common/descriptor.hpp"

namespace raftkv {

void create_private_folders(const std::filesystem::path& path, std::error_code& error) {
    error.clear();
    std::filesystem::path so_far;
    for (const std::filesystem::path& part : path) {
        so_far /= part;
        std::error_code ignored;
        if (part.empty() || std::filesystem::is_directory(so_far, ignored)) continue;
        // Somebody else may be first.
        if (::mkdir(so_far.c_str(), private_folder_mode) == 0) continue;
        const int failure = errno;
        if (std::filesystem::is_directory(so_far, ignored)) continue;
        error.assign(failure, std::generic_category());
        return;
    }
}

bool write_private_file(const std::filesystem::path& file, std::string_view text) {
    const Descriptor descriptor(::open(
        file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, private_file_mode));
    if (!descriptor.ok()) return false;
    // One that is there already may be of a time when it was everybody's.
    if (::fchmod(descriptor.get(), private_file_mode) != 0) return false;
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor.get(), text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

Result<void> check_socket_folder(const std::filesystem::path& folder) {
    constexpr uid_t root = 0;
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return {};
    if (status.st_uid != ::geteuid() && status.st_uid != root)
        return Error{
            ErrorKind::usage,
            fmt::format("{} is not used: it belongs to another user (uid {}), who could put a "
                        "control socket of his own there. Run this as that user (\"sudo -u "
                        "'#{}' ...\"), or have another folder (\"Path\" in config.json)",
                        folder.string(), status.st_uid, status.st_uid)};
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return Error{ErrorKind::usage,
                     fmt::format("{} is not used: others may write to it (mode {:04o}), and could "
                                 "put a control socket of their own there. \"chmod go-w {}\" "
                                 "ends that",
                                 folder.string(), status.st_mode & 07777, folder.string())};
    return {};
}

}  // namespace raftkv
