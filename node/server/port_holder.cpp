#include "node/server/port_holder.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace raftkv::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view listening = "0A";

// One line of /proc/net/tcp: "0: 00000000:2328 00000000:0000 0A ... inode ...".
std::optional<std::string> inode_if_listening(const std::string& line, std::uint16_t port) {
    std::istringstream in(line);
    std::vector<std::string> fields(10);
    for (std::string& field : fields) in >> field;
    if (!in || fields[3] != listening) return std::nullopt;
    std::size_t colon = fields[1].rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    const std::string hex = fields[1].substr(colon + 1);
    std::uint16_t local = 0;
    std::from_chars(hex.data(), hex.data() + hex.size(), local, 16);
    if (local != port) return std::nullopt;
    return fields[9];
}

std::vector<std::string> listening_inodes(std::uint16_t port) {
    std::vector<std::string> inodes;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream in(table);
        for (std::string line; std::getline(in, line);) {
            if (auto inode = inode_if_listening(line, port)) inodes.push_back(*inode);
        }
    }
    return inodes;
}

bool has_socket(const fs::path& process, const std::vector<std::string>& inodes) {
    std::error_code error;
    for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end;
         fd.increment(error)) {
        std::error_code gone;
        std::string target = fs::read_symlink(fd->path(), gone).string();
        bool found = std::any_of(inodes.begin(), inodes.end(), [&](const std::string& inode) {
            return target == "socket:[" + inode + "]";
        });
        if (found) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> holder_of_port(std::uint16_t port) {
    std::vector<std::string> inodes = listening_inodes(port);
    if (inodes.empty()) return std::nullopt;
    std::error_code error;
    for (fs::directory_iterator process("/proc", error), end; !error && process != end;
         process.increment(error)) {
        std::string pid = process->path().filename().string();
        bool numeric =
            std::all_of(pid.begin(), pid.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!numeric || !has_socket(process->path(), inodes)) continue;
        std::string name;
        std::getline(std::ifstream(process->path() / "comm"), name);
        return "pid " + pid + " (" + name + ")";
    }
    return std::nullopt;
}

}  // namespace raftkv::server
