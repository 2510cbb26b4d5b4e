#pragma once

#include <filesystem>
#include <string>

#include "common/strong_types.hpp"

namespace raftkv::cli {

// The supervisor's files, beside the folders of the nodes.
struct ClusterPaths {
    std::filesystem::path data;  // "Path" of config.json, absolute

    // Locked (flock) for as long as a supervisor runs: the truth. Holds its pid: information.
    std::filesystem::path lock() const { return data / "supervisor.lock"; }
    std::filesystem::path socket() const { return data / "supervisor.sock"; }
    std::filesystem::path log() const { return data / "supervisor.log"; }

    std::filesystem::path node_log(NodeId id) const { return node_file(id, ".log"); }
    // Which process the supervisor last started as this node.
    std::filesystem::path node_pid(NodeId id) const { return node_file(id, ".pid"); }

    // ClusterConfig::node_path().
    std::filesystem::path node_folder(NodeId id) const { return node_file(id, ""); }
    // Held by the process of the node.
    std::filesystem::path node_lock(NodeId id) const { return node_folder(id) / "lock"; }

  private:
    std::filesystem::path node_file(NodeId id, const char* ending) const {
        return data / ("node-" + std::to_string(id.value()) + ending);
    }
};

// A log grown past its limit is moved here, over the one before.
inline std::filesystem::path rotated(const std::filesystem::path& log) {
    return log.string() + ".1";
}

}  // namespace raftkv::cli
