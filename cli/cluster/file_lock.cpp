#include "cli/cluster/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace raftkv::cli {

namespace {

Error lock_error(const std::filesystem::path& file) {
    return Error{ErrorKind::io, fmt::format("locking {}: {}", file.string(), std::strerror(errno))};
}

}  // namespace

Result<std::optional<FileLock>> FileLock::try_take(const std::filesystem::path& file) {
    int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return lock_error(file);
    FileLock lock(file, descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return std::optional<FileLock>(std::move(lock));
    if (errno == EWOULDBLOCK) return std::optional<FileLock>();
    return lock_error(file);
}

FileLock::FileLock(FileLock&& other) noexcept
    : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> FileLock::write(std::string_view text) {
    if (::ftruncate(descriptor_, 0) != 0 ||
        ::pwrite(descriptor_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        return Error{ErrorKind::io,
                     fmt::format("writing {}: {}", file_.string(), std::strerror(errno))};
    }
    return {};
}

bool is_locked(const std::filesystem::path& file) {
    // Whatever it is, it is not waited for.
    int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return false;
    bool free = ::flock(descriptor, LOCK_SH | LOCK_NB) == 0;
    ::close(descriptor);
    return !free;
}

}  // namespace raftkv::cli
