#include "tests/system/standin/life_signs.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "common/check.hpp"

namespace raftkv::standin {
namespace {

struct flock whole_file() {
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

}  // namespace

LifeSigns::LifeSigns(const std::filesystem::path& folder, std::uint32_t self, std::uint32_t nodes)
    : self_(self) {
    for (std::uint32_t id = 0; id < nodes; ++id) {
        const auto file = folder / ("alive-" + std::to_string(id));
        files_.push_back(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
        RAFTKV_CHECK(files_.back() >= 0);
    }
    struct flock lock = whole_file();
    RAFTKV_CHECK(fcntl(files_[self], F_OFD_SETLK, &lock) == 0);
}

LifeSigns::~LifeSigns() {
    for (int file : files_) close(file);
}

std::uint32_t LifeSigns::count() const {
    std::uint32_t living = 1;
    for (std::uint32_t id = 0; id < files_.size(); ++id) {
        struct flock lock = whole_file();
        if (id == self_) continue;
        RAFTKV_CHECK(fcntl(files_[id], F_OFD_GETLK, &lock) == 0);
        if (lock.l_type != F_UNLCK) ++living;
    }
    return living;
}

}  // namespace raftkv::standin
