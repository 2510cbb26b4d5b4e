#include "cli/cluster/new_config.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace raftkv::cli {

namespace {

Result<void> write_new(const std::filesystem::path& file, const std::string& text) {
    // O_EXCL: never over a file that somebody has just put there.
    int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool written = descriptor >= 0 && ::write(descriptor, text.data(), text.size()) ==
                                          static_cast<ssize_t>(text.size());
    int error = errno;
    if (descriptor >= 0) ::close(descriptor);
    if (written) return {};
    return Error{ErrorKind::io, fmt::format("writing {}: {}", file.string(), std::strerror(error))};
}

}  // namespace

std::string config_for(std::uint32_t nodes) {
    constexpr std::uint32_t first_client_port = 9000;
    constexpr std::uint32_t first_log_port = 9050;
    std::string text = "{\n  \"Path\": \"data\",\n  \"Servers\": [\n";
    for (std::uint32_t id = 0; id < nodes; ++id) {
        text += fmt::format(
            R"(    {{"Id": {}, "Hostname": "localhost", "ClientPort": {}, "LogPort": {}}}{})", id,
            first_client_port + id, first_log_port + id, id + 1 < nodes ? ",\n" : "\n");
    }
    return text + "  ]\n}\n";
}

Result<ClusterConfig> load_or_make_config(const std::filesystem::path& file, std::uint32_t nodes) {
    std::error_code ignored;  // what cannot be looked at cannot be read either, and that says why
    bool there = std::filesystem::exists(file, ignored) || ignored;
    if (!there && nodes == 0) {
        return Error{ErrorKind::usage,
                     fmt::format("there is no {}: write one, name one with --config, or give "
                                 "--nodes N to make one for N nodes on this machine",
                                 file.string())};
    }
    if (!there) {
        if (auto written = write_new(file, config_for(nodes)); !written) return written.error();
        fmt::print("wrote {} for {} nodes\n", file.string(), nodes);
    }
    auto config = load_config(file);
    if (config && nodes != 0 && config->servers.size() != nodes) {
        return Error{ErrorKind::usage,
                     fmt::format("{} is there already and has {} nodes, not {}: leave --nodes out, "
                                 "or name another file with --config",
                                 file.string(), config->servers.size(), nodes)};
    }
    return config;
}

}  // namespace raftkv::cli
