#pragma once

#include <filesystem>
#include <vector>

#include "common/config.hpp"
#include "common/result.hpp"

// Servers whose address was changed while nobody led who could have taken that into the log:
// "raftkv cluster move" leaves a file node-<id>.moved in the folder of all data. It counts, for
// nodes and commands that begin there, as long as the server is still known at the old address.

namespace raftkv {

struct ServerMove {
    ServerConfig from;
    ServerConfig to;  // of the same id
};

// Host and ports are equal.
bool is_same_place(const ServerConfig& one, const ServerConfig& other);

std::filesystem::path move_file(const std::filesystem::path& data, NodeId id);
// The file has either its old or its new content, whatever happens.
Result<void> save_move(const std::filesystem::path& data, const ServerMove& move);
// Those files that make sense.
std::vector<ServerMove> load_moves(const std::filesystem::path& data);

// `known` where it is by now.
ServerConfig moved(ServerConfig known, const std::vector<ServerMove>& moves);
// The same for all servers, with the files of the configuration's folder of data.
ClusterConfig with_moves(ClusterConfig config);

}  // namespace raftkv
