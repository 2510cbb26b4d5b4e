#include "common/cluster_record.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "common/descriptor.hpp"

namespace raftkv {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view first_line = "raftkv cluster\n";

std::string text_of(const fs::path& file) {
    constexpr std::size_t most = 4096;
    std::ifstream in(file, std::ios::binary);
    std::string text(most, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

// Of the line "cluster 0123456789abcdef".
std::uint64_t cluster_in(std::string_view text) {
    constexpr std::string_view name = "\ncluster ";
    const std::size_t at = text.find(name);
    if (at == std::string_view::npos) return 0;
    text.remove_prefix(at + name.size());
    std::uint64_t cluster = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cluster, 16);
    return error == std::errc() && end != text.data() + text.size() && *end == '\n' ? cluster : 0;
}

// "node-" and digits: not what was kept under another name.
bool is_node_folder(std::string_view name) {
    constexpr std::string_view prefix = "node-";
    return name.starts_with(prefix) && name.size() > prefix.size() &&
           name.find_first_not_of("0123456789", prefix.size()) == std::string_view::npos;
}

Error failed(const fs::path& file, const char* what) {
    return {ErrorKind::io,
            fmt::format("writing {}: {}: {}", file.string(), what, std::strerror(errno))};
}

Result<void> write_new(const fs::path& file, std::string_view text) {
    ::unlink(file.c_str());
    const Descriptor out(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (out.get() < 0) return failed(file, "open");
    const ssize_t written = ::write(out.get(), text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size())) return failed(file, "write");
    if (::fsync(out.get()) != 0) return failed(file, "fsync");
    return {};
}

}  // namespace

fs::path cluster_record_file(const fs::path& data) {
    return data / "bootstrapped";
}

std::uint64_t cluster_of_folder(const fs::path& folder) {
    return cluster_in(text_of(folder / "identity"));
}

std::vector<NodeId> node_folders(const fs::path& data, std::uint64_t cluster) {
    std::vector<NodeId> nodes;
    std::error_code ignored;
    for (fs::directory_iterator it(data, ignored), end; it != end; it.increment(ignored)) {
        const std::string name = it->path().filename().string();
        if (!is_node_folder(name) || cluster == 0 || cluster_of_folder(it->path()) != cluster)
            continue;
        std::uint32_t id = 0;
        const char* digits = name.data() + name.find('-') + 1;
        const auto [stop, error] = std::from_chars(digits, name.data() + name.size(), id);
        if (error == std::errc() && stop == name.data() + name.size()) nodes.emplace_back(id);
    }
    return nodes;
}

std::optional<ClusterRecord> find_cluster_record(const fs::path& data, std::optional<NodeId> self) {
    const fs::path file = cluster_record_file(data);
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(file, ignored))) {
        const std::uint64_t cluster = cluster_in(text_of(file));
        return ClusterRecord{cluster != 0 ? cluster : unknown_cluster, file};
    }
    const std::string own = self ? fmt::format("node-{}", self->value()) : "";
    for (fs::directory_iterator it(data, ignored), end; it != end; it.increment(ignored)) {
        const std::string name = it->path().filename().string();
        if (!is_node_folder(name) || name == own) continue;
        if (const std::uint64_t cluster = cluster_of_folder(it->path()); cluster != 0)
            return ClusterRecord{cluster, it->path()};
    }
    return std::nullopt;
}

Result<void> write_cluster_record(const fs::path& data, std::uint64_t cluster) {
    const fs::path file = cluster_record_file(data);
    // All nodes of a machine may write it at the same time.
    const fs::path temporary = fmt::format("{}.{}", file.string(), ::getpid());
    const std::string text = fmt::format("{}cluster {:016x}\n", first_line, cluster);
    if (auto written = write_new(temporary, text); !written) return written;
    if (::rename(temporary.c_str(), file.c_str()) != 0) return failed(file, "rename");
    const Descriptor folder(::open(data.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || ::fsync(folder.get()) != 0) return failed(file, "fsync of the folder");
    return {};
}

}  // namespace raftkv
