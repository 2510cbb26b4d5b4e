#include "cli/cluster/log_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "cli/cluster/cluster_paths.hpp"

namespace raftkv::cli {

Result<void> rotate_log(const std::filesystem::path& log, std::uint64_t limit) {
    std::error_code ec;
    auto size = std::filesystem::file_size(log, ec);
    if (ec || size <= limit) return {};
    std::filesystem::copy_file(log, rotated(log), std::filesystem::copy_options::overwrite_existing,
                               ec);
    // Without room for the copy the bound matters more than the old lines.
    std::filesystem::resize_file(log, 0, ec);
    if (!ec) return {};
    return Error{ErrorKind::io, fmt::format("emptying {}: {}", log.string(), ec.message())};
}

std::vector<std::string> last_lines(const std::filesystem::path& log, std::size_t count,
                                    std::uint64_t size) {
    constexpr std::streamoff block_size = 64 << 10;
    constexpr std::size_t most_bytes = 64 << 20;
    std::ifstream in(log, std::ios::binary | std::ios::ate);
    if (!in || count == 0) return {};
    std::string tail;
    auto position =
        static_cast<std::streamoff>(std::min(static_cast<std::uint64_t>(in.tellg()), size));
    auto enough = [&] {
        return static_cast<std::size_t>(std::count(tail.begin(), tail.end(), '\n')) > count;
    };
    while (position > 0 && tail.size() < most_bytes && !enough()) {
        std::streamoff length = std::min(block_size, position);
        position -= length;
        std::string block(static_cast<std::size_t>(length), '\0');
        in.seekg(position);
        if (!in.read(block.data(), length)) break;
        tail.insert(0, block);
    }
    std::vector<std::string> lines;
    std::size_t start = 0;
    while (start < tail.size()) {
        std::size_t end = std::min(tail.find('\n', start), tail.size());
        lines.push_back(tail.substr(start, end - start));
        start = end + 1;
    }
    if (lines.size() > count) lines.erase(lines.begin(), lines.end() - static_cast<long>(count));
    return lines;
}

}  // namespace raftkv::cli
