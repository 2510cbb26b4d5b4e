#include "cli/test/work_folder.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace raftkv::test {

Result<WorkFolder> WorkFolder::create(const std::filesystem::path& wanted) {
    std::error_code error;
    const auto parent = wanted.empty() ? std::filesystem::temp_directory_path(error)
                                       : std::filesystem::absolute(wanted, error);
    if (error) {
        return Error{ErrorKind::io,
                     "there is no temporary folder; set TMPDIR to one: " + error.message()};
    }
    std::string path = (parent / "raftkv-test-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
        return Error{ErrorKind::io, fmt::format("making a folder in {}: {}", parent.string(),
                                                std::strerror(errno))};
    }
    return WorkFolder(path);
}

WorkFolder::WorkFolder(WorkFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), kept_(other.kept_) {}

WorkFolder::~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty() && !kept_) std::filesystem::remove_all(path_, ignored);
}

}  // namespace raftkv::test
