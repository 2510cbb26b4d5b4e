#include "node/storage/posix_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace raftkv::storage {

namespace {

constexpr std::size_t max_pieces = 256;  // of one call; the kernel takes up to 1024

class PosixFile final : public File {
  public:
    PosixFile(Descriptor descriptor, std::string path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

    Result<void> write_at(std::uint64_t offset, std::span<const std::string_view> pieces) override;
    Result<void> sync() override;
    Result<std::string> read_at(std::uint64_t offset, std::size_t size) override;
    Result<std::uint64_t> size() override;
    Result<bool> reserve(std::uint64_t size) override;

  private:
    Descriptor descriptor_;
    const std::string path_;
};

// Walks over pieces while a system call takes any number of bytes of them at a time.
class PieceCursor {
  public:
    explicit PieceCursor(std::span<const std::string_view> pieces) : pieces_(pieces) { skip(0); }

    bool done() const { return pieces_.empty(); }

    std::span<const iovec> front(std::array<iovec, max_pieces>& room) const {
        const std::size_t count = std::min(pieces_.size(), room.size());
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view piece = i == 0 ? pieces_[0].substr(taken_) : pieces_[i];
            room[i] = {const_cast<char*>(piece.data()), piece.size()};
        }
        return {room.data(), count};
    }

    void skip(std::size_t bytes) {
        taken_ += bytes;
        while (!pieces_.empty() && taken_ >= pieces_.front().size()) {
            taken_ -= pieces_.front().size();
            pieces_ = pieces_.subspan(1);
        }
    }

  private:
    std::span<const std::string_view> pieces_;
    std::size_t taken_ = 0;  // of the first piece
};

Result<void> PosixFile::write_at(std::uint64_t offset, std::span<const std::string_view> pieces) {
    std::array<iovec, max_pieces> room;
    for (PieceCursor cursor(pieces); !cursor.done();) {
        const auto front = cursor.front(room);
        const ssize_t written =
            ::pwritev(descriptor_.get(), front.data(), static_cast<int>(front.size()),
                      static_cast<off_t>(offset));
        if (written < 0 && errno != EINTR) {
            return posix_error("cannot write to", path_, errno);
        }
        if (written > 0) {
            offset += static_cast<std::uint64_t>(written);
            cursor.skip(static_cast<std::size_t>(written));
        }
    }
    return {};
}

// Not repeated on EINTR either: what a sync that did not succeed leaves behind is unknown.
Result<void> PosixFile::sync() {
    if (::fdatasync(descriptor_.get()) != 0) {
        return posix_error("cannot sync", path_, errno);
    }
    return {};
}

Result<std::string> PosixFile::read_at(std::uint64_t offset, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::pread(descriptor_.get(), bytes.data() + done, size - done,
                                    static_cast<off_t>(offset + done));
        if (got < 0 && errno != EINTR) {
            return posix_error("cannot read", path_, errno);
        }
        if (got == 0) {
            break;
        }
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    bytes.resize(done);
    return bytes;
}

Result<std::uint64_t> PosixFile::size() {
    struct stat status;
    if (::fstat(descriptor_.get(), &status) != 0) {
        return posix_error("cannot look at", path_, errno);
    }
    return static_cast<std::uint64_t>(status.st_size);
}

Result<bool> PosixFile::reserve(std::uint64_t size) {
    int failed = 0;
    do {
        failed = ::fallocate(descriptor_.get(), 0, 0, static_cast<off_t>(size)) == 0 ? 0 : errno;
    } while (failed == EINTR);
    // A file system that cannot promise says so; writing will then tell.
    if (failed == 0 || failed == EOPNOTSUPP || failed == ENOSYS) {
        return failed == 0;
    }
    return posix_error("cannot reserve space for", path_, failed);
}

}  // namespace

Error posix_error(const std::string& doing, const std::string& path, int errno_value) {
    const bool full = errno_value == ENOSPC || errno_value == EDQUOT;
    return {
        full ? ErrorKind::no_space : ErrorKind::io,
        fmt::format("{} {}: {}{}", doing, path, std::strerror(errno_value),
                    errno_value == EFBIG ? ", over the limit of this process (ulimit -f)" : "")};
}

std::unique_ptr<File> make_posix_file(Descriptor descriptor, std::string path) {
    return std::make_unique<PosixFile>(std::move(descriptor), std::move(path));
}

Result<void> forget_cache(const Descriptor& descriptor, const std::string& path) {
    if (::fdatasync(descriptor.get()) != 0) {
        return posix_error("cannot sync", path, errno);
    }
    const int failed = ::posix_fadvise(descriptor.get(), 0, 0, POSIX_FADV_DONTNEED);
    if (failed != 0) {
        return posix_error("cannot drop the cache of", path, failed);
    }
    return {};
}

}  // namespace raftkv::storage
