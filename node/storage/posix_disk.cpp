#include "node/storage/posix_disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/check.hpp"
#include "common/private_files.hpp"
#include "node/storage/posix_file.hpp"

namespace raftkv::storage {

namespace {

constexpr const char* lock_name = "lock";
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

class PosixDisk : public Disk {
  public:
    PosixDisk(std::string folder, Descriptor descriptor, Descriptor lock)
        : folder_(std::move(folder)), descriptor_(std::move(descriptor)), lock_(std::move(lock)) {}

    Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override;
    Result<std::vector<std::string>> list() override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> remove(const std::string& name) override;
    Result<void> sync_folder() override;
    std::string path_of(const std::string& name) const override { return folder_ + "/" + name; }
    std::uint64_t random() override;

  private:
    const std::string folder_;
    const Descriptor descriptor_;
    const Descriptor lock_;
};

class LookedAtDisk final : public PosixDisk {
  public:
    using PosixDisk::PosixDisk;

    Result<std::unique_ptr<File>> open(const std::string& name, OpenMode mode) override {
        return mode == OpenMode::read_only ? PosixDisk::open(name, mode) : refused(name).error();
    }
    Result<void> rename(const std::string& from, const std::string&) override {
        return refused(from);
    }
    Result<void> remove(const std::string& name) override { return refused(name); }
    Result<void> sync_folder() override { return refused(""); }

  private:
    Result<void> refused(const std::string& name) const {
        return Error{ErrorKind::failed, path_of(name) + " is only looked at, and was not changed"};
    }
};

int open_flags(OpenMode mode) {
    switch (mode) {
        case OpenMode::read_write:
            return O_RDWR;
        case OpenMode::create_new:
            return O_RDWR | O_CREAT | O_EXCL;
        case OpenMode::read_only:
            return O_RDONLY;
    }
    return O_RDONLY;
}

Result<std::unique_ptr<File>> PosixDisk::open(const std::string& name, OpenMode mode) {
    const std::string path = path_of(name);
    Descriptor file(::openat(descriptor_.get(), name.c_str(),
                             open_flags(mode) | O_CLOEXEC | O_NOFOLLOW, private_file_mode));
    if (!file.ok()) {
        return posix_error("cannot open", path, errno);
    }
    if (mode == OpenMode::read_write) {
        if (auto forgotten = forget_cache(file, path); !forgotten) {
            return forgotten.error();
        }
    }
    return make_posix_file(std::move(file), path);
}

Result<std::vector<std::string>> PosixDisk::list() {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator it(folder_, error), end; !error && it != end;
         it.increment(error)) {
        names.push_back(it->path().filename().string());
    }
    if (error) {
        return posix_error("cannot list", folder_, error.value());
    }
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> PosixDisk::rename(const std::string& from, const std::string& to) {
    if (::renameat(descriptor_.get(), from.c_str(), descriptor_.get(), to.c_str()) != 0) {
        return posix_error("cannot rename to " + to, path_of(from), errno);
    }
    return {};
}

Result<void> PosixDisk::remove(const std::string& name) {
    if (::unlinkat(descriptor_.get(), name.c_str(), 0) != 0) {
        return posix_error("cannot remove", path_of(name), errno);
    }
    return {};
}

Result<void> PosixDisk::sync_folder() {
    if (::fsync(descriptor_.get()) != 0) {
        return posix_error("cannot sync", folder_, errno);
    }
    return {};
}

std::uint64_t PosixDisk::random() {
    std::uint64_t number = 0;
    RAFTKV_CHECK(::getrandom(&number, sizeof(number), 0) == sizeof(number));
    return number;
}

// A path that will not become a folder of ours by trying again.
Error folder_error(const std::string& doing, const std::string& path, int errno_value) {
    Error error = posix_error(doing, path, errno_value);
    switch (errno_value) {
        case EACCES:
        case EPERM:
        case EROFS:
        case ENOTDIR:
        case EEXIST:
        case ENOENT:
        case ELOOP:
        case ENAMETOOLONG:
            error.kind = ErrorKind::usage;
            error.message += ". Choose another folder for the data, or see to its permissions.";
            break;
        default:
            break;
    }
    return error;
}

Result<void> sync_path(const std::filesystem::path& path) {
    Descriptor folder(::open(path.empty() ? "." : path.c_str(), folder_flags));
    if (!folder.ok()) {
        return folder_error("cannot open", path.string(), errno);
    }
    if (::fsync(folder.get()) != 0) {
        return posix_error("cannot sync", path.string(), errno);
    }
    return {};
}

// Each new name is durable in the folder above it.
Result<void> create_folders(const std::filesystem::path& path) {
    std::filesystem::path so_far;
    for (const std::filesystem::path& part : path) {
        const std::filesystem::path parent = so_far;
        so_far /= part;
        std::error_code ignored;  // whatever it is, creating the folder will meet it, too
        if (std::filesystem::is_directory(so_far, ignored)) {
            continue;
        }
        // Nodes that start together share the folders above their own: another may be first.
        const int failure = ::mkdir(so_far.c_str(), private_folder_mode) == 0 ? 0 : errno;
        if (failure != 0 && !std::filesystem::is_directory(so_far, ignored)) {
            return folder_error("cannot create the folder", so_far.string(), failure);
        }
        if (auto synced = sync_path(parent); !synced) {
            return synced;
        }
    }
    return {};
}

// Of a time, or by somebody, that left it open to others: whoever reads here has all keys, and
// whoever holds the lock keeps the node from starting. Not ours to change: it stays.
void close_to_others(const Descriptor& entry) {
    struct stat status {};
    if (::fstat(entry.get(), &status) != 0 || (status.st_mode & 077) == 0) {
        return;
    }
    [[maybe_unused]] const int changed = ::fchmod(entry.get(), status.st_mode & 0700);
}

std::string holder_of(const Descriptor& lock) {
    char text[32];
    const ssize_t size = ::pread(lock.get(), text, sizeof(text), 0);
    std::string holder(text, size > 0 ? static_cast<std::size_t>(size) : 0);
    const bool number =
        !holder.empty() && holder.find_first_not_of("0123456789") == std::string::npos;
    return number ? "process " + holder : "another process";
}

// For people only; a full disk, where this fails, must not keep a node from starting.
void note_holder(const Descriptor& lock) {
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock.get(), 0) == 0) {
        [[maybe_unused]] const ssize_t written = ::pwrite(lock.get(), pid.data(), pid.size(), 0);
    }
}

Error in_use(const Descriptor& lock, const std::string& path, const char* advice) {
    return {ErrorKind::failed,
            fmt::format("{} is in use by {}. {}", path, holder_of(lock), advice)};
}

// The lock is the kernel's; the number in the file may be an old one.
Result<Descriptor> lock_folder(const Descriptor& folder, const std::string& path) {
    const std::string lock_path = path + "/" + lock_name;
    Descriptor lock(::openat(folder.get(), lock_name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
                             private_file_mode));
    if (!lock.ok()) {
        return folder_error("cannot open", lock_path, errno);
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return posix_error("cannot lock", lock_path, errno);
        }
        return in_use(lock, path, "Two nodes must not share a folder: end that one first.");
    }
    note_holder(lock);
    return lock;
}

// Others may look at the same time.
Result<Descriptor> lock_to_look(const Descriptor& folder, const std::string& path) {
    const std::string lock_path = path + "/" + lock_name;
    Descriptor lock(::openat(folder.get(), lock_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!lock.ok()) {
        return errno == ENOENT ? Result<Descriptor>(Descriptor())
                               : folder_error("cannot open", lock_path, errno);
    }
    if (::flock(lock.get(), LOCK_SH | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return posix_error("cannot lock", lock_path, errno);
        }
        return in_use(lock, path, "Stop that node first, or look at a copy of its folder.");
    }
    return lock;
}

}  // namespace

Result<std::unique_ptr<Disk>> open_posix_disk(const std::string& folder) {
    if (auto created = create_folders(folder); !created) {
        return created.error();
    }
    Descriptor descriptor(::open(folder.c_str(), folder_flags));
    if (!descriptor.ok()) {
        return folder_error("cannot open the folder", folder, errno);
    }
    close_to_others(descriptor);
    auto lock = lock_folder(descriptor, folder);
    if (!lock) {
        return lock.error();
    }
    close_to_others(*lock);
    return std::unique_ptr<Disk>(
        std::make_unique<PosixDisk>(folder, std::move(descriptor), std::move(*lock)));
}

Result<std::unique_ptr<Disk>> open_posix_disk_to_look(const std::string& folder) {
    Descriptor descriptor(::open(folder.c_str(), folder_flags));
    if (!descriptor.ok()) {
        const Error error = posix_error("cannot open the folder", folder, errno);
        return Error{ErrorKind::usage, error.message};
    }
    auto lock = lock_to_look(descriptor, folder);
    if (!lock) {
        return lock.error();
    }
    return std::unique_ptr<Disk>(
        std::make_unique<LookedAtDisk>(folder, std::move(descriptor), std::move(*lock)));
}

}  // namespace raftkv::storage
