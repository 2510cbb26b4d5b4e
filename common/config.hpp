#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.hpp"
#include "common/strong_types.hpp"

namespace raftkv {

// One entry of "Servers" in config.json, or a node that joined the cluster since.
struct ServerConfig {
    NodeId id;
    std::string host;
    std::uint16_t client_port = 0;
    std::uint16_t log_port = 0;
    std::uint16_t admin_port = 0;          // default: client_port + 100
    std::string admin_host = "localhost";  // where the admin HTTP listens
    std::uint32_t priority = 1;            // who should rather lead; the larger the sooner
    bool votes = true;  // not so for one that joined, and catches up or is to stay a learner
};

// config.json, checked: at least one server, ids distinct, no two listeners on one host and port,
// timeouts that make sense together.
struct ClusterConfig {
    std::filesystem::path data_path;  // absolute; holds node-<id>/ for each node
    std::vector<ServerConfig> servers;
    // "ClusterId": a guard beside the identity that a cluster has of itself. Nodes and folders with
    // another one are refused. 0: none.
    std::uint64_t cluster_id = 0;
    // "Bootstrap" is "explicit": servers that are all empty make a cluster only when they are told.
    bool explicit_bootstrap = false;
    std::uint32_t election_timeout_min_ms = 150;
    std::uint32_t election_timeout_max_ms = 300;
    std::uint32_t heartbeat_ms = 50;
    std::uint32_t hold_ms = 5000;  // how long a command waits for a leader to be known
    std::uint32_t max_value_bytes = 1 << 20;
    std::uint32_t segment_mib = 16;  // size of a file of the log; the largest value fits anyway
    // A snapshot is due when the log since the last one is larger than this, and than so many times
    // the data.
    std::uint32_t snapshot_log_mib = 64;
    std::uint32_t snapshot_ratio = 1;
    // How a leader knows that what it reads is the newest ("ReadMode").
    enum class ReadMode : std::uint8_t {
        read_index,  // "read-index": a majority confirms, each time, that it still leads; rests on
                     // no clock
        lease,       // "lease": it was confirmed a moment ago; rests on how fast clocks run
    };
    ReadMode read_mode = ReadMode::read_index;

    // nullptr when no server has the id.
    const ServerConfig* find(NodeId id) const;
    std::filesystem::path node_path(NodeId id) const;
};

// `folder` is what a relative "Path" starts from. Keys match without regard to case; unknown ones,
// and a key given twice, are errors. Never throws, whatever the bytes. Errors are of kind usage and
// name the key.
Result<ClusterConfig> parse_config(std::string_view text, const std::filesystem::path& folder);

// Reads and parses the file; errors name it.
Result<ClusterConfig> load_config(const std::filesystem::path& file);

}  // namespace raftkv
