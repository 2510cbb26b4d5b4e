#include "common/server_moves.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include "common/private_files.hpp"

namespace raftkv {
namespace {

constexpr std::string_view beginning = "node-";
constexpr std::string_view ending = ".moved";
constexpr std::size_t longest_host = 255;

// "from db-1 9001 9201 9101 localhost"
std::string line_of(std::string_view what, const ServerConfig& server) {
    return fmt::format("{} {} {} {} {} {}\n", what, server.host, server.client_port,
                       server.log_port, server.admin_port, server.admin_host);
}

bool read_line(std::istream& in, std::string_view what, ServerConfig& server) {
    std::string word;
    in >> word >> server.host >> server.client_port >> server.log_port >> server.admin_port >>
        server.admin_host;
    return in && word == what && server.host.size() <= longest_host &&
           server.admin_host.size() <= longest_host && server.client_port != 0 &&
           server.log_port != 0 && server.admin_port != 0;
}

std::optional<ServerMove> load(const std::filesystem::path& file) {
    const std::string name = file.filename().string();
    if (!name.starts_with(beginning) || !name.ends_with(ending)) return std::nullopt;
    const char* end = name.data() + name.size() - ending.size();
    std::uint32_t id = 0;
    const auto [stop, error] = std::from_chars(name.data() + beginning.size(), end, id);
    if (error != std::errc() || stop != end) return std::nullopt;
    ServerMove move;
    move.from.id = move.to.id = NodeId(id);
    std::ifstream in(file);
    if (!read_line(in, "from", move.from) || !read_line(in, "to", move.to)) return std::nullopt;
    return move;
}

}  // namespace

bool is_same_place(const ServerConfig& one, const ServerConfig& other) {
    const auto place = [](const ServerConfig& server) {
        return std::tie(server.host, server.client_port, server.log_port, server.admin_port,
                        server.admin_host);
    };
    return place(one) == place(other);
}

std::filesystem::path move_file(const std::filesystem::path& data, NodeId id) {
    return data / fmt::format("{}{}{}", beginning, id.value(), ending);
}

Result<void> save_move(const std::filesystem::path& data, const ServerMove& move) {
    const std::string name = move_file(data, move.to.id).string();
    const std::string temporary = name + ".tmp";
    if (!write_private_file(temporary, line_of("from", move.from) + line_of("to", move.to)))
        return Error{ErrorKind::io, fmt::format("writing {}: {}", temporary,
                                                std::generic_category().message(errno))};
    std::error_code ec;
    std::filesystem::rename(temporary, name, ec);
    if (ec) return Error{ErrorKind::io, fmt::format("writing {}: {}", name, ec.message())};
    return {};
}

std::vector<ServerMove> load_moves(const std::filesystem::path& data) {
    std::vector<ServerMove> moves;
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator(data, ec))
        if (auto move = load(entry.path())) moves.push_back(std::move(*move));
    return moves;
}

ServerConfig moved(ServerConfig known, const std::vector<ServerMove>& moves) {
    for (const ServerMove& move : moves) {
        if (move.from.id != known.id || !is_same_place(move.from, known)) continue;
        known.host = move.to.host;
        known.client_port = move.to.client_port;
        known.log_port = move.to.log_port;
        known.admin_port = move.to.admin_port;
        known.admin_host = move.to.admin_host;
        break;
    }
    return known;
}

ClusterConfig with_moves(ClusterConfig config) {
    const auto moves = load_moves(config.data_path);
    for (ServerConfig& server : config.servers) server = moved(std::move(server), moves);
    return config;
}

}  // namespace raftkv
