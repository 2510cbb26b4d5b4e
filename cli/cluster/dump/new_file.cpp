#include "cli/cluster/dump/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace raftkv::cli::dump {

namespace {

Error is_there(const std::filesystem::path& name) {
    return {ErrorKind::usage,
            fmt::format("{} is there already: give another name, or --force", name.string())};
}

Error not_created(const std::filesystem::path& part) {
    return {ErrorKind::io,
            fmt::format("creating {}: {}. Move away what is there, or give another name",
                        part.string(), std::generic_category().message(errno))};
}

}  // namespace

Result<NewFile> NewFile::create(const std::filesystem::path& name, bool replace) {
    std::error_code ec;
    if (std::filesystem::is_directory(name, ec))
        return Error{ErrorKind::usage, fmt::format("{} is a folder", name.string())};
    if (!replace && std::filesystem::exists(name, ec)) return is_there(name);
    std::filesystem::path part = name;
    part += ".part";
    // What another run has left is of no use to anybody. Somebody else's file, or what a link leads
    // to, must not be written to: the name goes, and never what it stands for.
    if (::unlink(part.c_str()) != 0 && errno != ENOENT) return not_created(part);
    const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return not_created(part);
    return NewFile(name, std::move(part), fd, replace);
}

NewFile::NewFile(std::filesystem::path name, std::filesystem::path part, int fd, bool replace)
    : name_(std::move(name)), part_(std::move(part)), fd_(fd), replace_(replace) {}

NewFile::NewFile(NewFile&& other) noexcept
    : name_(std::move(other.name_)),
      part_(std::move(other.part_)),
      fd_(std::exchange(other.fd_, -1)),
      replace_(other.replace_) {}

NewFile::~NewFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(part_.c_str());
}

Error NewFile::failed(const char* doing) const {
    return {
        errno == ENOSPC ? ErrorKind::no_space : ErrorKind::io,
        fmt::format("{} {}: {}", doing, part_.string(), std::generic_category().message(errno))};
}

Result<void> NewFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("writing");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<void> NewFile::finish() {
    if (::fsync(fd_) != 0) return failed("syncing");
    // link() refuses a name that somebody else took meanwhile; rename() would replace it.
    const int named =
        replace_ ? std::rename(part_.c_str(), name_.c_str()) : ::link(part_.c_str(), name_.c_str());
    if (named != 0) return errno == EEXIST ? is_there(name_) : failed("naming");
    if (!replace_) ::unlink(part_.c_str());
    ::close(std::exchange(fd_, -1));
    const std::filesystem::path folder = name_.has_parent_path() ? name_.parent_path() : ".";
    const int folder_fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = folder_fd >= 0 && ::fsync(folder_fd) == 0;
    if (folder_fd >= 0) ::close(folder_fd);
    if (!synced) return failed("syncing the folder of");
    return {};
}

}  // namespace raftkv::cli::dump
