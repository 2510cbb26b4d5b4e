#include "cli/client/history_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <utility>

#include "common/descriptor.hpp"

namespace raftkv::cli::client {

namespace {

constexpr std::size_t kept_lines = 1000;
constexpr std::size_t most_lines = 2 * kept_lines;

std::vector<std::string> read_lines(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::vector<std::string> lines;
    std::string line;
    while (std::getline(file, line)) {
        if (!line.empty()) lines.push_back(std::move(line));
    }
    return lines;
}

Descriptor open_for_append(const std::filesystem::path& path) {
    return Descriptor(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
}

// Replaces the file as a whole, so that a shell killed meanwhile leaves one or the other.
void rewrite(const std::filesystem::path& path, const std::vector<std::string>& lines) {
    const std::filesystem::path fresh = path.string() + fmt::format(".{}", ::getpid());
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    bool written = false;
    {
        const Descriptor file = open_for_append(fresh);
        written =
            ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    }
    std::error_code ignored;
    if (written) {
        std::filesystem::rename(fresh, path, ignored);
    } else {
        std::filesystem::remove(fresh, ignored);
    }
}

}  // namespace

std::optional<std::filesystem::path> history_path() {
    const std::filesystem::path below = std::filesystem::path("raftkv") / "history";
    // The XDG specification has relative paths ignored.
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state != nullptr && *state == '/') return state / below;
    const char* home = std::getenv("HOME");
    if (home != nullptr && *home == '/') return home / (".local/state" / below);
    return std::nullopt;
}

Result<HistoryFile> HistoryFile::open(const std::filesystem::path& path) {
    std::error_code failure;
    if (std::filesystem::create_directories(path.parent_path(), failure)) {
        std::filesystem::permissions(path.parent_path(), std::filesystem::perms::owner_all,
                                     failure);
    }
    if (!failure && open_for_append(path).get() < 0) {
        failure = {errno, std::generic_category()};
    }
    if (failure) {
        return Error{ErrorKind::io, fmt::format("the history cannot be kept in {}: {}",
                                                path.string(), failure.message())};
    }
    HistoryFile file;
    file.path_ = path;
    file.lines_ = read_lines(path);
    if (file.lines_.size() > most_lines) {
        file.lines_.erase(file.lines_.begin(), file.lines_.end() - kept_lines);
        rewrite(path, file.lines_);
    }
    return file;
}

void HistoryFile::append(const std::string& line) {
    const Descriptor file = open_for_append(path_);
    const std::string text = line + "\n";
    // One write, so that two shells do not mix their lines.
    [[maybe_unused]] const ssize_t ignored = ::write(file.get(), text.data(), text.size());
    lines_.push_back(line);
}

}  // namespace raftkv::cli::client
