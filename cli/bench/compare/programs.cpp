#include "cli/bench/compare/programs.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

namespace raftkv::bench {

namespace fs = std::filesystem;

std::optional<fs::path> program(std::string_view name) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(std::string(path == nullptr ? "" : path) +
                               ":/usr/sbin:/usr/local/sbin");
    std::error_code ignored;
    for (std::string folder; std::getline(folders, folder, ':');) {
        fs::path file = fs::path(folder) / name;
        if (!folder.empty() && fs::is_regular_file(file, ignored)) return file;
    }
    return std::nullopt;
}

std::string last_line(const fs::path& file) {
    std::ifstream in(file);
    std::string last = "none";
    for (std::string line; std::getline(in, line);) {
        if (!line.empty()) last = line;
    }
    return last;
}

}  // namespace raftkv::bench
